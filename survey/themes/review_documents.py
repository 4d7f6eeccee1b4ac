"""The minutes (纪要) of a meeting: what they say, in the blocks of survey/official.py. Every figure is put into words in one place.

Marked 征求意见稿 and 内部资料; no red head, number or seal (decision 12). An unchanged meeting gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import msgspec

from survey.i18n.speech import Speech, speech
from survey.official import DOCX, PDF, Block, Grid, Line, chinese_number, paper_docx, paper_pdf
from survey.themes.rules import Act, Count, ItemRecord, Person, QuorumRule, Said, Share

FORMATS = {"docx": DOCX, "pdf": PDF}


class MinutesItem(msgspec.Struct, frozen=True):
    """`is_passed` is None while the vote is open; `reopened` are days on which a former decision was opened again, and why."""

    record: ItemRecord
    is_passed: bool | None
    is_applied: bool
    reopened: list[tuple[dt.datetime, str]]


class Minutes(msgspec.Struct, frozen=True, kw_only=True):
    survey: str
    is_fictional: bool
    starts_at: dt.datetime
    place: str
    chair: Person | None
    present: list[Person]
    absent: list[Person]
    guests: list[Person]
    items: list[MinutesItem]
    source_id: str
    language: str


def write_minutes(minutes: Minutes, format_: str) -> bytes:
    """Raises FontMissing where a PDF would print boxes."""
    blocks, title = minutes_blocks(minutes), _title(minutes).replace("\n", " ")
    return paper_docx(title, blocks) if format_ == "docx" else paper_pdf(title, blocks, minutes.language)


def body_of(who: Person, say: Speech) -> str:
    """`望京街道 · 居民委员会`: the area, and what kind of body somebody speaks for there."""
    if who.guest_of:
        return who.guest_of
    bodies = {
        "administrator": say.gettext("district administration"), "subdistrict": say.gettext("subdistrict office"),
        "committee": say.gettext("residents’ committee"), "social_worker": say.gettext("community service station"),
    }  # fmt: skip
    body, area = bodies.get(who.role, who.role), who.areas.get(say.language) or who.areas.get("zh-Hans")
    return f"{area} · {body}" if area else body


def rule_in_words(rule: QuorumRule, say: Speech) -> str:
    share = {
        Share.HALF: say.gettext("more than half of those entitled to vote"),
        Share.TWO_THIRDS: say.gettext("at least two thirds of those entitled to vote"),
    }.get(rule.share)
    people = say.ngettext("at least %(num)d person", "at least %(num)d people", rule.people)
    return say.gettext("%(share)s, and %(people)s", share=share, people=people) if share else people


def minutes_blocks(minutes: Minutes) -> list[Block]:
    """All that the minutes say, in order."""
    say = speech("desk", minutes.language)
    words = _Words(say)
    marks = say.gettext("Draft for comments") + "　" + say.gettext("Internal")
    blocks: list[Block] = [Line("mark", marks), Line("title", _title(minutes))]
    if minutes.is_fictional:
        blocks.append(Line("strong", say.gettext("Demonstration: every answer is fictional.")))
    blocks += [
        words.labelled(say.gettext("Time"), say.occasion(minutes.starts_at)),
        words.labelled(say.gettext("Place"), minutes.place),
        words.labelled(say.gettext("Chair"), words.person(minutes.chair) if minutes.chair else say.gettext("not recorded")),
        words.labelled(say.gettext("Members"), words.attendance(len(minutes.present), len(minutes.absent))),
    ]
    if minutes.guests:
        blocks.append(words.labelled(say.gettext("Guests without a vote"), words.people(minutes.guests)))
    rows = [[who.name, body_of(who, say), say.gettext("present")] for who in minutes.present]
    rows += [[who.name, body_of(who, say), say.gettext("absent")] for who in minutes.absent]
    blocks.append(Grid(say.gettext("Attendance"), [say.gettext("Person"), say.gettext("Body"), say.gettext("Attendance")], rows, [46, 80, 30]))
    if not minutes.items:
        blocks.append(Line("body", say.gettext("There is no theme on the agenda.")))
    for number, item in enumerate(minutes.items, start=1):
        blocks += _item(words, item, number)
    if minutes.items:
        blocks.append(_votes(words, minutes.items))
    blocks += [Line("note", note) for note in _notes(minutes, say)]
    return blocks


def _title(minutes: Minutes) -> str:
    say = speech("desk", minutes.language)
    return say.gettext("“%(survey)s”\nMinutes of the review of needs", survey=minutes.survey)


class _Words:
    """Sentences that several parts share, each figure in one place."""

    def __init__(self, say: Speech) -> None:
        self.say = say
        self.gettext: Callable[..., str] = say.gettext

    def labelled(self, label: str, value: str) -> Line:
        return Line("body", self.gettext("%(label)s: %(value)s", label=label, value=_flat(value)))

    def person(self, who: Person) -> str:
        return self.gettext("%(name)s (%(body)s)", name=who.name, body=body_of(who, self.say))

    def people(self, found: list[Person]) -> str:
        return self.say.listed(self.person(who) for who in found)

    def attendance(self, present: int, absent: int) -> str:
        return self.gettext(
            "%(seats)s were invited, %(present)s were present, %(absent)s absent", seats=present + absent, present=present, absent=absent
        )

    def said(self, said: Said) -> Line:
        text = self.gettext("%(who)s: “%(words)s”", who=self.person(said.who), words=_flat(said.text))
        return Line("quote", text)

    def theme(self, record: ItemRecord) -> str:
        return record.theme_names.get(self.say.language) or record.theme_names.get("zh-Hans") or next(iter(record.theme_names.values()), "—")

    def background(self, record: ItemRecord) -> str:
        if record.people is None or not record.wrote:
            return self.gettext("Fewer than 10 people name this need, or it has not been counted.")
        return self.gettext(
            "About %(n)s people name this need, %(share)s of those who wrote.",
            n=self.say.number(record.people), share=self.say.percent(record.people / record.wrote),
        )  # fmt: skip

    def votes(self, count: Count) -> str:
        return self.gettext(
            "%(in_favour)s in favour, %(against)s against, %(abstained)s abstentions",
            in_favour=count.in_favour, against=count.against, abstained=count.abstained,
        )  # fmt: skip

    def quorum(self, record: ItemRecord) -> str:
        count = record.count
        return self.gettext(
            "%(entitled)s are entitled to vote on this theme, %(present)s of them were present; the quorum is %(quorum)s (%(rule)s)",
            entitled=count.entitled, present=count.present, quorum=count.quorum, rule=rule_in_words(record.rule, self.say),
        )  # fmt: skip

    def outcome(self, is_passed: bool | None) -> str:
        if is_passed is None:
            return self.gettext("not decided yet")
        return self.gettext("passed") if is_passed else self.gettext("not passed")

    def heading(self, number: int) -> str:
        return f"{chinese_number(number)}、" if self.say.language.startswith("zh") else f"{number}. "


def _item(words: _Words, item: MinutesItem, number: int) -> list[Block]:
    say, record = words.say, item.record
    blocks: list[Block] = [Line("heading", words.heading(number) + words.theme(record))]
    blocks.append(Line("body", words.background(record)))
    blocks.append(words.labelled(say.gettext("Motion"), record.motion or say.gettext("still open")))
    options = [say.gettext("(%(number)s) %(text)s", number=place, text=option) for place, option in enumerate(record.options, start=1)]
    blocks.append(words.labelled(say.gettext("Options considered"), " ".join(options) or say.gettext("still open")))
    if record.discussion:
        blocks.append(Line("subheading", say.gettext("What was said")))
        blocks += [words.said(said) for said in record.discussion]
    blocks.append(Line("subheading", say.gettext("Vote")))
    blocks.append(Line("body", words.gettext("%(sentence)s.", sentence=words.quorum(record))))
    if item.is_passed is None:
        blocks.append(Line("strong", say.gettext("The vote is not closed.")))
    else:
        blocks.append(Line("strong", words.gettext("%(votes)s: %(outcome)s.", votes=words.votes(record.count), outcome=words.outcome(item.is_passed))))
    for said in record.recused:
        blocks.append(_recusal(words, said))
    if record.dissent and item.is_passed is not None:  # while a vote is open nobody is told how anybody votes
        blocks.append(Line("subheading", say.gettext("Dissent and reservations")))
        blocks += [words.said(said) for said in record.dissent]
    if record.earlier and item.is_passed is not None:
        blocks.append(Line("subheading", say.gettext("Said to the motion as it stood before")))
        blocks += [words.said(said) for said in record.earlier]
    blocks.append(Line("subheading", say.gettext("Decision")))
    blocks.append(Line("body", _decision(words, item)))
    blocks.append(words.labelled(say.gettext("Reason"), record.reason or say.gettext("still open")))
    for at, why in item.reopened:
        blocks.append(Line("body", say.gettext("The vote was opened again on %(day)s, because: %(why)s", day=say.moment(at), why=_flat(why))))
    return blocks


def _recusal(words: _Words, said: Said) -> Line:
    kind = _flat(said.text) or words.gettext("of what kind was not said")
    text = words.gettext(
        "%(who)s has an interest of their own (%(kind)s) and did not vote: counted in the attendance, not in the quorum of this theme.",
        who=words.person(said.who), kind=kind,
    )  # fmt: skip
    return Line("body", text)


def _decision(words: _Words, item: MinutesItem) -> str:
    if item.is_passed is None:
        return words.gettext("not decided yet")
    if not item.is_passed:
        return words.gettext("The motion was not passed; the theme stays as it is.")
    effect = {
        Act.ACCEPT: words.gettext("The theme is accepted."), Act.DISMISS: words.gettext("The theme is dismissed."), Act.NONE: "",
    }[item.record.act]  # fmt: skip
    if effect and not item.is_applied:
        effect = words.gettext("This has not been done in the system yet.")
    return words.gettext("%(motion)s %(effect)s", motion=_flat(item.record.motion), effect=effect).strip()


def _votes(words: _Words, items: list[MinutesItem]) -> Grid:
    say = words.say
    columns = [
        say.gettext("No."), say.gettext("Theme"), say.gettext("Entitled"), say.gettext("Present"), say.gettext("Quorum"),
        say.gettext("In favour"), say.gettext("Against"), say.gettext("Abstained"), say.gettext("Outcome"),
    ]  # fmt: skip
    rows = [
        [
            str(number), words.theme(item.record), str(item.record.count.entitled), str(item.record.count.present),
            str(item.record.count.quorum), *_choices(item), words.outcome(item.is_passed),
        ]
        for number, item in enumerate(items, start=1)
    ]  # fmt: skip
    return Grid(say.gettext("Votes"), columns, rows, [12, 36, 20, 12, 20, 12, 12, 12, 20])


def _choices(item: MinutesItem) -> list[str]:
    """While a vote is open nobody is told how it stands."""
    if item.is_passed is None:
        return ["—"] * 3
    return [str(item.record.count.in_favour), str(item.record.count.against), str(item.record.count.abstained)]


def _notes(minutes: Minutes, say: Speech) -> list[str]:
    return [
        say.gettext("More than half of those who vote, abstentions among them, must be in favour; a tie does not pass."),
        say.gettext("Figures of residents are rounded to 5; fewer than 10 people are not shown."),
        say.gettext("Minutes’ id: %(id)s", id=minutes.source_id),
    ]


def _flat(text: str) -> str:
    return " ".join(text.split())


