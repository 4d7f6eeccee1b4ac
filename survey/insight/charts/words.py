"""What may be said about an interval, by the kind of sample. The only place that writes a margin, so that none can slip in."""

from __future__ import annotations

import datetime as dt

import msgspec

from analysis.statistics.intervals import Design, Interval, margin_of_error
from survey.i18n.speech import Speech, speech


class Facts(msgspec.Struct, frozen=True):
    """What every picture says under its title: of which survey, when, and what kind of sample it is."""

    survey: str
    dates: tuple[dt.date, dt.date] | None
    design: Design
    language: str
    is_fictional: bool = False

    @property
    def say(self) -> Speech:
        return speech("desk", self.language)


def interval_words(interval: Interval, design: Design, say: Speech) -> str:
    """The limits as shares, `27% to 35%`; what they mean, `interval_meaning` says of the same design beside them."""
    interval_meaning(design, say)  # raises for a kind that nothing is known of
    return say.gettext("%(low)s to %(high)s", low=say.percent(interval.low), high=say.percent(interval.high))


def points_words(interval: Interval, design: Design, say: Speech) -> str:
    """The limits of a difference of shares, in percentage points."""
    interval_meaning(design, say)  # raises for a kind that nothing is known of
    return say.gettext(
        "%(low)s to %(high)s points", low=signed(round(100 * interval.low), say), high=signed(round(100 * interval.high), say)
    )


def signed(number: int, say: Speech) -> str:
    """`+5`, `-5`, `0`: with the hyphen, since few fonts have the minus sign."""
    return f"{'+' if number > 0 else ''}{say.number(number)}"


def interval_meaning(design: Design, say: Speech) -> str:
    """What the lines of a picture are: they are a margin of error in a probability sample alone."""
    return {
        Design.PROBABILITY: say.gettext("Lines are confidence intervals (95%)."),
        Design.CENSUS: say.gettext("Lines are model-based intervals (95%): they assume that it was chance who answered and who did not."),
        Design.OPEN: say.gettext("Lines are model-based intervals (95%): they assume that it was chance who came to the open link, which nobody can know."),
    }[design]


def limits_meaning(design: Design, say: Speech) -> str:
    """The same where limits stand in a sentence, about a change from one wave to the next."""
    return {
        Design.PROBABILITY: say.gettext("The limits are a confidence interval (95%)."),
        Design.CENSUS: say.gettext("The limits are model-based (95%): they assume that it was chance who answered and who did not."),
        Design.OPEN: say.gettext(
            "The limits are model-based (95%) and no margin of error: whoever has the link can answer, and other people may have come "
            "this time than last time. Take it as a reason to look, not as a measure."
        ),
    }[design]


def range_meaning(design: Design, say: Speech) -> str:
    """The same for limits that stand as words beside a figure."""
    return {
        Design.PROBABILITY: say.gettext("The ranges are confidence intervals (95%)."),
        Design.CENSUS: say.gettext("The ranges are model-based intervals (95%): they assume that it was chance who answered and who did not."),
        Design.OPEN: say.gettext("The ranges are model-based intervals (95%): they assume that it was chance who came to the open link, which nobody can know."),
    }[design]


def weakest(*designs: Design) -> Design:
    """Of several kinds of sample the one about which least can be said: what is made of them may say no more."""
    return min(designs, key=[Design.OPEN, Design.CENSUS, Design.PROBABILITY].index)


def margin_words(design: Design, people: float, say: Speech) -> str | None:
    """The largest margin of a share, for a probability sample; None for every other, which has none."""
    if design is not Design.PROBABILITY:
        return None
    margin = say.number(round(100 * margin_of_error(design, people), 1))
    return say.gettext("± %(margin)s points at most, at 95%% confidence", margin=margin)


def weighted_interval_words(interval: Interval, design: Design, say: Speech) -> str | None:
    """The limits of a weighted share; None for an open survey, whose weights mend nothing of who came."""
    return None if design is Design.OPEN else interval_words(interval, design, say)


def weighted_meaning(design: Design, population: int | None, say: Speech) -> list[str]:
    """What :func:`weighted_interval_words` stands for, and of how many people its finite population correction speaks; nothing for an open survey."""
    if design is Design.OPEN:
        return []
    words = [
        say.gettext("Intervals of weighted shares are confidence intervals (95%): of 1,000 samples drawn from these people, each weighted anew.")
        if design is Design.PROBABILITY
        else say.gettext("Intervals of weighted shares are model-based (95%): of 1,000 samples drawn from these people, each weighted anew; they assume that it was chance who answered and who did not.")
    ]
    if population is not None:
        words.append(say.gettext("They are narrowed by the finite population correction for %(people)s registered residents.", people=say.number(population)))
    return words


def sample_words(design: Design, say: Speech) -> str:
    return {
        Design.PROBABILITY: say.gettext("The people were drawn by chance: a probability sample."),
        Design.CENSUS: say.gettext("Everybody was asked: there is no sampling error, but those who did not answer may differ."),
        Design.OPEN: say.gettext("The survey was an open link: its answers are no probability sample, and no margin of error can be given."),
    }[design]


def source_words(facts: Facts, people: int) -> str:
    """`Source: What does your neighbourhood need? · 600 people · March 1, 2026 to March 21, 2026`."""
    say = facts.say
    parts = [facts.survey, say.ngettext("%(n)s person", "%(n)s people", people, n=say.number(people))]
    if facts.dates is not None:
        parts.append(dates_words(facts.dates, say))
    if facts.is_fictional:
        parts.append(say.gettext("fictional answers of a demonstration"))
    return say.gettext("Source: %(source)s", source=" · ".join(parts))


def dates_words(dates: tuple[dt.date, dt.date], say: Speech) -> str:
    first, last = (say.date(day) for day in dates)
    return first if first == last else say.gettext("%(first)s to %(last)s", first=first, last=last)


def head_words(facts: Facts, people: int) -> list[str]:
    """The two lines that every picture has under its title."""
    return [source_words(facts, people), sample_words(facts.design, facts.say)]


def rounding_words(say: Speech) -> str:
    return say.gettext("Figures are rounded to 5; fewer than 10 people are not shown and stand as “c”. Shares are those of the rounded figures.")


def hidden_words(say: Speech) -> str:
    """The same where a hidden figure is told by a word."""
    return say.gettext("Figures are rounded to 5; what fewer than 10 people stand behind, or could be worked out, is hidden. Shares are those of the rounded figures.")


def small_base_words(say: Speech) -> str:
    return say.gettext("* fewer than 30 people: read with care")
