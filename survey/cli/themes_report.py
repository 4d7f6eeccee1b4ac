"""report.html of `linsheng themes`: one file that stands alone, for a committee member or a researcher who is sent it.

Counts are exact, as in the files beside it, which belong to whoever runs the command; the report says that it is for
internal use. Fewer than 10 people never give a share, and the table of themes by language, which the other files do not hold,
is pooled like the desk's.
"""

from __future__ import annotations

import importlib.metadata
import math
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from markupsafe import Markup

from analysis.lexicon.load import Lexicon
from analysis.statistics.disclosure import THRESHOLD, Pooled, pool_small
from analysis.text.statements import MAX_STATEMENT
from analysis.themes.discover import STABLE, TENTATIVE
from analysis.themes.features import spaced
from analysis.themes.model import ThemeModel
from analysis.themes.results import DISCOVERED, FoundTheme
from survey import __version__
from survey.i18n.languages import direction, locale_for
from survey.i18n.speech import Speech, speech
from survey.insight.charts.bars import Bar, bar_chart
from survey.insight.charts.frame import ACCENT, BRAND, as_svg, inline_svg
from survey.web.pages import environment, words

MOST_BARS = 15
EXAMPLES = 20
EXAMPLE_LENGTH = 300
HEADING = 60
"""Letters of a theme's name in a heading."""

STEADY = 30
"""People from which a percentage stands alone; of fewer it is told with a warning."""

WORTH_TELLING = 0.05
"""Difference between languages from which a heading tells it."""

KINDS = {"known": BRAND, "new": ACCENT, "hot": "#8a5a00"}
"""Kinds of themes and their colours in the chart: of the lexicon, grouped by their words, about one place or thing."""

SHADES = 5
OTHERS = "others"
"""The column of languages in which no theme has enough people to be told."""

LIBRARIES = ("numpy", "scipy", "scikit-learn", "jieba", "py3langid", "snowballstemmer", "opencc-python-reimplemented")

Row = tuple[int, str, str]
"""Row number, language tag, text."""


class Given(msgspec.Struct, frozen=True):
    """What the command was given, as far as the model does not know it. `taxonomy` is the name of its file, if any."""

    file: str
    text_column: str
    lang_column: str | None = None
    taxonomy: str | None = None


class Name(msgspec.Struct, frozen=True):
    """A name and the language that it is in, which is not always the report's."""

    text: str
    lang: str

    def in_heading(self) -> Name:
        """A name of an operator's own may be as long as a text."""
        return self if len(self.text) <= HEADING else Name(f"{self.text[:HEADING].rstrip()}…", self.lang)

    def __html__(self) -> str:
        return str(Markup('<bdi lang="{}" dir="{}">{}</bdi>').format(self.lang, direction(self.lang), self.text))


class Quote(msgspec.Struct, frozen=True):
    row: int
    lang: str
    language: str
    text: str


class Shown(msgspec.Struct, frozen=True):
    """A theme as the report shows it. `share` is None for fewer than 10 people; `kind` is a key of KINDS, or rest.

    `width` is the bar's length beside the largest theme's, 0 to 1. `tongues` counts people by language, small groups pooled.
    `stability` is cut, not rounded, to two places: 0.746 is tentative, and 0.75 would not be.
    """

    anchor: str
    id: str
    name: Name
    category: Name | None
    kind: str
    people: int
    share: float | None
    width: float
    stability: float | None
    band: str
    keywords: list[tuple[str, str, list[str]]]
    tongues: Pooled[str] | None
    quotes: list[Quote]


class Tongue(msgspec.Struct, frozen=True):
    """A line of the table of languages."""

    tag: str
    name: str
    people: int
    share: float | None
    unsorted: int
    unsorted_share: float | None


class Cell(msgspec.Struct, frozen=True):
    """`share` is None where it is not told; `shade` goes from 0 to SHADES."""

    column: str
    share: float | None
    shade: int


class Heat(msgspec.Struct, frozen=True):
    """Shares of themes by language. `columns`: name, people, whether they are few; `finding` may be None."""

    columns: list[tuple[str, int, bool]]
    lines: list[tuple[Shown, list[Cell]]]
    finding: Markup | None


def write_report(path: Path, rows: Sequence[Row], model: ThemeModel, given: Given, *, language: str) -> None:
    """Write the report in `language`, one of the desk's. `rows` are what the fitted model was given, in the same order."""
    report = _Report(rows, model, speech("desk", language))
    html = environment().get_template("report/themes.html").render(
        **words("desk", language), report=report, given=given, made=report.made(given), threshold=THRESHOLD,
    )  # fmt: skip
    path.write_text(html, encoding="utf-8")


class _Report:
    """What the template reads."""

    bars = MOST_BARS

    def __init__(self, rows: Sequence[Row], model: ThemeModel, say: Speech) -> None:
        self._rows, self._model, self._say = rows, model, say
        lexicon = model.lexicon
        assert lexicon is not None
        self._lexicon: Lexicon = lexicon
        has_text = [bool(text.strip()) for _, _, text in rows]
        self.empty = has_text.count(False)
        self.people = has_text.count(True)
        self.is_few = self.people < STEADY
        left = [i for i, found in enumerate(model.memberships_) if has_text[i] and not found]
        self.unsorted = len(left)
        self.unsorted_share = self.share_of(self.unsorted)
        self._by_language = Counter(rows[i][1] for i, has in enumerate(has_text) if has)
        self.languages = self._languages(Counter(rows[i][1] for i in left))
        themes = sorted(model.themes_, key=lambda theme: (self._is_rest(theme), -theme.people, theme.key))
        largest = max((theme.people for theme in themes), default=1)
        shown = [self._shown(place, theme, largest) for place, theme in enumerate(themes, start=1)]
        self.themes = [theme for theme in shown if theme.kind != "rest"]
        self.rests = [theme for theme in shown if theme.kind == "rest"]
        self.kinds = Counter(theme.kind for theme in shown)
        self.known_languages = sum(tongue.tag != "und" for tongue in self.languages)
        self.heading = self._heading()
        self.heat = self._heat({theme.key: theme for theme in themes})
        self.examples = self._examples(left)
        self.chart_title, self.charts = self._charts()

    def share_of(self, people: int) -> float | None:
        """The share of all people that so many are; None for a few, of whom no share is told."""
        return people / self.people if people >= THRESHOLD else None

    def language_name(self, tag: str) -> str:
        """A language's name in the report's own language."""
        if tag == "und":
            return self._say.gettext("language not known")
        return str(locale_for(self._say.language).languages.get(tag.replace("-", "_"), tag))

    def percent(self, share: float) -> str:
        """In whole percent; somebody is never 0%."""
        return self._say.gettext("under 1%") if 0 < share < 0.005 else self._say.percent(share)

    def made(self, given: Given) -> list[tuple[str, str]]:
        """How the report was made, in lines of what and how."""
        _, model = self._say.gettext, self._model
        known = _("the need lexicon, version %(version)s", version=self._lexicon.version)
        if given.taxonomy:
            known = _("the categories of %(file)s", file=given.taxonomy)
        if not model.known:
            known = _("not used; everything was grouped afresh")
        groups = _("as many as are stable")
        if model.n_discovered is not None:
            groups = _("%(n)s in each language", n=self._say.number(model.n_discovered))
        told = _("recognised from each text")
        if given.lang_column:
            told = _("from the column %(name)s, else recognised from the text", name=given.lang_column)
        return [
            (_("File"), given.file),
            (_("Column with the texts"), given.text_column),
            (_("Language of a text"), told),
            (_("Known needs"), known),
            (_("New themes"), groups),
            (_("Seed"), str(model.random_state)),
            (_("Made with"), self._say.listed([f"Linsheng {__version__}", f"Python {platform.python_version()}", *(
                f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES
            )])),
        ]  # fmt: skip

    def _is_rest(self, theme: FoundTheme) -> bool:
        """Whether it holds a category's needs of too few people for themes of their own."""
        return self._lexicon.has_levels and theme.key == theme.category

    def _named(self, names: Mapping[str, str], otherwise: str) -> Name:
        for tag in (self._say.language, "en", *names):
            if names.get(tag):
                return Name(names[tag], tag)
        return Name(otherwise, "und")

    def _shown(self, place: int, theme: FoundTheme, largest: int) -> Shown:
        _ = self._say.gettext
        name = self._named(theme.names, theme.key)
        category = self._lexicon.categories.get(theme.category)
        kind = "hot" if theme.is_hot else "new" if theme.category == DISCOVERED else "known"
        if self._is_rest(theme):
            kind = "rest"
            name = Name(_("%(category)s: other needs", category=name.text), self._say.language)
        band = ""
        if theme.stability is not None:
            band = _("stable") if theme.stability >= STABLE else _("tentative")
            band = band if theme.stability >= TENTATIVE else _("weak")
        pooled = pool_small(theme.languages)
        return Shown(
            anchor=f"theme-{place}", id=theme.key, name=name,
            category=self._named(category, theme.category) if category and self._lexicon.has_levels else None, kind=kind,
            people=theme.people, share=self.share_of(theme.people), width=theme.people / largest,
            stability=None if theme.stability is None else math.floor(100 * theme.stability) / 100, band=band,
            keywords=[(tag, self.language_name(tag), found) for tag, found in theme.keywords.items()],
            tongues=pooled if pooled.shown and len(theme.languages) > 1 else None,
            quotes=[self._quote(i) for i in theme.quotes],
        )  # fmt: skip

    def _quote(self, position: int, length: int = MAX_STATEMENT) -> Quote:
        number, tag, text = self._rows[position]
        cut = text if len(text) <= length else f"{text[:length].rstrip()} […]"
        return Quote(number, tag, self.language_name(tag), cut)

    def _examples(self, left: list[int]) -> list[Quote]:
        """Unsorted texts, spread over languages and texts; the order of the file does not choose them."""
        ordered = sorted(left, key=lambda i: (-self._by_language[self._rows[i][1]], self._rows[i][1], self._rows[i][2], i))
        return [self._quote(i, EXAMPLE_LENGTH) for i in spaced(ordered, EXAMPLES)]

    def _heading(self) -> str | Markup:
        _ = self._say.gettext
        if not self.themes:
            return _("No need is named by enough people for a theme of its own.") if self.rests else _("No theme was found")
        most = self.themes[0].people
        first = [theme for theme in self.themes if theme.people == most]
        if len(first) > 1:
            return _("%(count)s needs are named most, each by %(amount)s",
                     count=self._say.number(len(first)), amount=self._amount(most))  # fmt: skip
        return _marked(_("“%(theme)s” is named most, by %(amount)s"), theme=first[0].name.in_heading(), amount=self._amount(most))

    def _amount(self, people: int) -> str:
        """So many of all people, as a share where that may be told."""
        n, share = self._say.number(self.people), self.share_of(people)
        if share is not None:
            return self._say.gettext("%(share)s of %(n)s people", share=self.percent(share), n=n)
        return self._say.ngettext(
            "%(people)s of %(n)s person", "%(people)s of %(n)s people", self.people, people=self._say.number(people), n=n
        )

    def _languages(self, unsorted: Mapping[str, int]) -> list[Tongue]:
        lines = []
        for tag, people in sorted(self._by_language.items(), key=lambda item: (-item[1], item[0])):
            left = unsorted.get(tag, 0)
            lines.append(Tongue(
                tag, self.language_name(tag), people, self.share_of(people), left, left / people if left >= THRESHOLD else None
            ))  # fmt: skip
        return lines

    def _charts(self) -> tuple[str, list[Markup]]:
        """Title and pictures (for wide pages, for phones) of people by theme; none of one bar."""
        _ = self._say.gettext
        drawn = self.themes[:MOST_BARS]
        if len(drawn) < 2:
            return "", []
        kinds = {"known": _("known need"), "new": _("possibly new"), "hot": _("hot issue")}
        colours = {kinds[kind]: KINDS[kind] for kind in KINDS if any(theme.kind == kind for theme in drawn)}
        bars, told = [], []
        for theme in drawn:
            number, share = self._say.number(theme.people), theme.share
            label = [number, self.percent(share) if share is not None else "", {"new": _("new"), "hot": _("hot")}.get(theme.kind, "")]
            bars.append(Bar(theme.name.text, theme.people, " · ".join(filter(None, label)), kinds[theme.kind]))
            told.append(f"{theme.name.text} {number}{f' ({self.percent(share)})' if share is not None else ''}")
        title, text = self._chart_title(), _("Bar chart of people by theme: %(list)s", list="; ".join(told))
        pictures = [
            inline_svg(as_svg(bar_chart(bars, colours=colours, is_narrow=is_narrow)), name=name, title=title, description=text)
            for name, is_narrow in (("chart", False), ("chart-narrow", True))
        ]
        return title, [Markup(picture) for picture in pictures]  # noqa: S704 -- drawn by us; names in it are escaped

    def _chart_title(self) -> str:
        """How many people the largest three themes reach together; a person in two of them counts once."""
        _ = self._say.gettext
        largest = {theme.id for theme in self.themes[:3]}
        reached = self.share_of(sum(any(m.theme in largest for m in found) for found in self._model.memberships_))
        if reached is None or len(largest) < 3:
            return _("People by theme")
        return _("%(share)s of people name at least one of the three largest themes", share=self.percent(reached))

    def _heat(self, found: Mapping[str, FoundTheme]) -> Heat | None:
        """Known needs by language; None where there is nothing to compare.

        New themes are grouped language by language: that other languages lack them says nothing.
        """
        themes = [theme for theme in self.themes if theme.kind == "known" and theme.share is not None][:MOST_BARS]
        sizes = {
            tongue.tag: tongue.people for tongue in self.languages
            if any(found[theme.id].languages.get(tongue.tag, 0) >= THRESHOLD for theme in themes)
        }  # fmt: skip
        others = self.people - sum(sizes.values())
        if others >= THRESHOLD:
            sizes[OTHERS] = others
        if len(sizes) < 2:
            return None
        shares = {theme.id: _shares(found[theme.id].languages, sizes) for theme in themes}
        top = max((share for line in shares.values() for share in line.values() if share), default=1.0)
        lines = [
            (theme, [Cell(self._column_name(tag), share, min(SHADES, math.ceil(SHADES * (share or 0) / top)))
                     for tag, share in shares[theme.id].items()])
            for theme in themes if any(shares[theme.id].values())
        ]  # fmt: skip
        columns = [(self._column_name(tag), people, people < STEADY) for tag, people in sizes.items()]
        return Heat(columns, lines, self._widest(themes, shares, sizes))

    def _column_name(self, tag: str) -> str:
        return self._say.gettext("other languages") if tag == OTHERS else self.language_name(tag)

    def _widest(
        self, themes: list[Shown], shares: Mapping[str, Mapping[str, float | None]], sizes: Mapping[str, int]
    ) -> Markup | None:
        """The theme that languages differ most on, told of languages with enough people only."""
        gaps = []
        for theme in themes:
            told = {tag: share for tag, share in shares[theme.id].items() if share is not None and sizes[tag] >= STEADY}
            told.pop(OTHERS, None)
            if len(told) > 1:
                high, low = max(told, key=told.__getitem__), min(told, key=told.__getitem__)
                gaps.append((told[high] - told[low], theme, high, low))
        if not gaps or max(gap for gap, *_ in gaps) < WORTH_TELLING:
            return None
        _, theme, high, low = max(gaps, key=lambda item: item[0])
        percent = self.percent
        return _marked(
            self._say.gettext("Languages differ most on “%(theme)s”: %(first)s %(high)s, %(last)s %(low)s"),
            theme=theme.name.in_heading(),
            high=percent(shares[theme.id][high] or 0), first=self.language_name(high),
            low=percent(shares[theme.id][low] or 0), last=self.language_name(low),
        )  # fmt: skip


def _shares(people: Mapping[str, int], sizes: Mapping[str, int]) -> dict[str, float | None]:
    """Share of each column's people who name a theme; None where so few do that the number is not told.

    A single small number could be worked out from the theme's total, so the next smallest goes with it (pool_small).
    """
    counts: Counter[str] = Counter()
    for tag, n in people.items():
        counts[tag if tag in sizes else OTHERS] += n
    told = pool_small(counts).shown
    return {tag: counts[tag] / size if tag in told or not counts[tag] else None for tag, size in sizes.items()}


def _marked(sentence: str, **values: object) -> Markup:
    """Fill a sentence of the catalog, names marked with their languages."""
    return Markup(sentence) % values  # noqa: S704 -- our own sentence; what is filled in is escaped
