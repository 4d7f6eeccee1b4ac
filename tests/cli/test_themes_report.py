"""report.html of `linsheng themes`: stands alone, says the finding, shows every theme, tells no share of a few people."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from analysis.themes.model import ThemeModel
from analysis.themes.results import FoundTheme, Membership
from survey.cli.themes_report import MOST_BARS, Given, Row, write_report
from tests.cli.conftest import Linsheng
from tests.voices import DOCTOR, GIBBERISH, NOISE, THREE_NEEDS

GIVEN = Given("needs.csv", "need")
DOCTORS, PARKING, NOISY = "health.doctor_language", "transport_parking.parking_space", "environment_noise.construction_noise"
NAMES = {concept.id: concept.names for concept in THREE_NEEDS.concepts}
WILD = '<script>alert("1")</script> & <b>bold</b>'

Element = lxml.html.HtmlElement
Report = Callable[..., Element]


def _theme(key: str, languages: Mapping[str, int], **more: Any) -> FoundTheme:
    people = sum(languages.values())
    settings: dict[str, Any] = {
        "names": NAMES.get(key, {}), "keywords": {}, "quotes": [], "public_quotes": [], "stability": None, **more
    }  # fmt: skip
    return FoundTheme(key, key.split(".")[0], people=people, statements=people, languages=dict(languages), **settings)


def _rows(languages: Mapping[str, int]) -> list[Row]:
    tags = itertools.chain.from_iterable([tag] * n for tag, n in languages.items())
    return [(number, tag, f"text {number}") for number, tag in enumerate(tags, start=1)]


def _model(themes: Sequence[FoundTheme], rows: Sequence[Row], members: Mapping[str, Sequence[int]]) -> ThemeModel:
    """A model as if it had been fitted; `members` are positions of rows by theme."""
    model = ThemeModel(lexicon=THREE_NEEDS)
    model.themes_ = list(themes)
    model.memberships_ = [[Membership(key, 1.0) for key, found in members.items() if i in found] for i in range(len(rows))]
    return model


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """Write the report of such themes and read it as a browser without scripts does."""

    def written(
        themes: Sequence[FoundTheme], rows: Sequence[Row], *, members: Mapping[str, Sequence[int]] | None = None,
        language: str = "en", given: Given = GIVEN,
    ) -> Element:  # fmt: skip
        path = tmp_path / "report.html"
        write_report(path, rows, _model(themes, rows, members or {}), given, language=language)
        return lxml.html.fromstring(path.read_text(encoding="utf-8"))

    return written


def _told(element: Element) -> str:
    """Its words, what stands in different elements apart."""
    return " ".join(" ".join(element.itertext()).split())


def _lines(page: Element) -> list[list[str]]:
    """The list of themes: number, name and what stands under it, people, share."""
    found = page.xpath("//*[@id='themes']//tbody/tr[td]")
    return [[_told(cell) for cell in line.xpath("th | td[contains(@class, 'n')]")] for line in found]


def _cells(page: Element) -> dict[str, dict[str, str]]:
    """The table of themes by language."""
    [table] = page.xpath("//table[@class='heat']")
    heads = [head.text for head in table.xpath("./thead//th")[1:]]
    return {
        _told(line.xpath("./th")[0]): dict(zip(heads, [td.xpath("string(text())") for td in line.xpath("./td")], strict=True))
        for line in table.xpath("./tbody/tr")
    }


THEMES = [
    _theme(DOCTORS, {"en": 40, "ko": 20}, keywords={"en": ["doctor", "clinic"], "ko": ["의사"]}, quotes=[0, 60]),
    _theme(
        "discovered.ar.مواقف", {"ar": 12}, names={"ar": "مواقف · ليل"}, keywords={"ar": ["مواقف", "ليل"]}, quotes=[101], stability=0.746
    ),
    _theme(PARKING, {"en": 9}),
    _theme("health", {"en": 10, "ko": 3}, names=THREE_NEEDS.categories["health"]),
]
LANGUAGES = {"en": 60, "ko": 40, "ar": 20}


@pytest.fixture
def page(report: Report) -> Element:
    return report(THEMES, _rows(LANGUAGES), members={DOCTORS: range(60), PARKING: range(55, 64)})


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_report_stands_alone_and_needs_no_script(report: Report, language: str) -> None:
    page = report(THEMES, _rows(LANGUAGES), language=language)

    text = lxml.html.tostring(page, encoding="unicode")
    assert page.xpath("//script | //link | //iframe | //img | //object | //image | //use | //@src | //@style") == []
    assert re.findall(r"url\(|@import|src=", text) == []
    assert "http" not in text


def test_report_anchors_all_lead_somewhere_and_no_id_is_there_twice(page: Element) -> None:
    ids = page.xpath("//@id")

    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in page.xpath("//@href")} <= set(ids)
    assert set(page.xpath("//article/@id")) <= {link.removeprefix("#") for link in page.xpath("//*[@id='themes']//@href")}


def test_report_heading_says_the_largest_theme_and_its_share(page: Element) -> None:
    assert page.xpath("string(//h1)") == "“Doctors who speak our language” is named most, by 50% of 120 people"


def test_report_speaks_chinese(report: Report) -> None:
    page = report(THEMES, _rows(LANGUAGES), language="zh-Hans")

    assert page.get("lang") == "zh-Hans"
    assert page.xpath("string(//h1)") == "提到“会说我们语言的医生”的人最多，占 120 人的 50%"
    words = [text for text in page.xpath("//main//text()[not(ancestor::svg)]") if re.search("[A-Za-z]{4}", text)]
    assert [text.strip() for text in words if not re.search(r"text \d|needs\.csv|need$|doctor|assignments|Linsheng|three", text)] == []


def test_report_heading_of_a_few_people_tells_no_share(report: Report) -> None:
    page = report([_theme(DOCTORS, {"en": 9})], _rows({"en": 40}))

    assert page.xpath("string(//h1)") == "“Doctors who speak our language” is named most, by 9 of 40 people"
    assert _lines(page) == [["1", "Doctors who speak our language Health and medical care", "9", "–"]]


def test_report_heading_of_equal_themes_prefers_none(report: Report) -> None:
    page = report([_theme(DOCTORS, {"en": 12}), _theme(PARKING, {"en": 12}), _theme(NOISY, {"en": 2})], _rows({"en": 60}))

    assert page.xpath("string(//h1)") == "2 needs are named most, each by 20% of 60 people"


def test_report_heading_is_no_heap_of_other_needs(report: Report) -> None:
    """Decision 5: a heap of rare needs is large without being a finding."""
    heap = _theme("health", {"en": 30}, names=THREE_NEEDS.categories["health"])

    headings = [report(themes, _rows({"en": 60})).xpath("string(//h1)") for themes in ([heap, _theme(PARKING, {"en": 20})], [heap])]

    assert headings == [
        "“Too few parking spaces” is named most, by 33% of 60 people",
        "No need is named by enough people for a theme of its own.",
    ]


def test_report_lists_every_theme_in_the_order_of_people_and_heaps_last(page: Element) -> None:
    assert _lines(page) == [
        ["1", "Doctors who speak our language Health and medical care", "60", "50%"],
        ["2", "مواقف · ليل possibly new tentative (0.74)", "12", "10%"],
        ["3", "Too few parking spaces Transport and parking", "9", "–"],
        ["4", "Health and medical care: other needs", "13", "11%"],
    ]
    assert [_told(head) for head in page.xpath("//article//h3")] == [
        "Doctors who speak our language", "مواقف · ليل", "Too few parking spaces", "Health and medical care: other needs"
    ]  # fmt: skip


def test_report_tells_stability_as_a_word_that_its_figure_agrees_with(report: Report) -> None:
    """0.746 is under 0.75: rounded, the figure would say otherwise than the word."""
    page = report(
        [_theme(f"discovered.en.{value}", {"en": 10}, stability=value) for value in (0.75, 0.7499, 0.6, 0.59)], _rows({"en": 60})
    )

    told = [_told(article.xpath(".//p")[0]) for article in page.xpath("//article")]
    assert sorted(re.sub(".*stability ", "", line) for line in told) == [
        "0.59 of 1: weak.", "0.6 of 1: tentative.", "0.74 of 1: tentative.", "0.75 of 1: stable."
    ]  # fmt: skip


def test_report_tells_no_share_of_fewer_than_ten(report: Report) -> None:
    page = report([_theme(DOCTORS, {"en": 8}), _theme(PARKING, {"en": 7})], _rows({"en": 9}))

    assert "%" not in _told(page.xpath("//body")[0])


@pytest.mark.parametrize(("people", "is_warned"), [(29, True), (30, False)])
def test_report_warns_of_percentages_of_few_people(report: Report, people: int, is_warned: bool) -> None:
    page = report([_theme(DOCTORS, {"en": 12})], _rows({"en": people}))

    assert ("Fewer than 30 people wrote" in _told(page)) == is_warned


def test_report_tells_somebody_not_as_nobody(report: Report) -> None:
    page = report([_theme(DOCTORS, {"en": 10})], _rows({"en": 3000}))

    assert _lines(page)[0][-1] == "under 1%"
    assert page.xpath("string(//h1)").endswith("by under 1% of 3,000 people")


def test_report_tells_hot_issues_from_needs(report: Report) -> None:
    issue = _theme("health.hot.Zhongri", {"en": 20}, names={"en": "Zhongri: doctors"}, is_hot=True)

    page = report([issue, _theme(DOCTORS, {"en": 12})], _rows({"en": 60}))

    assert _lines(page)[0] == ["1", "Zhongri: doctors Health and medical care hot issue", "20", "33%"]
    assert "hot issue Health and medical care · Many people write of one place or thing." in _told(page.xpath("//article")[0])
    assert "A hot issue is one place or thing" in _told(page)
    assert "20 · 33% · hot" in "".join(page.xpath("//figure//*[local-name()='text']//text()"))


# Charts


def test_report_charts_have_a_title_and_a_text_alternative(page: Element) -> None:
    charts = page.xpath("//figure//*[local-name()='svg']")
    titles = ["53% of people name at least one of the three largest themes"] * 2

    assert [chart.get("role") for chart in charts] == ["img", "img"]
    assert [page.get_element_by_id(chart.get("aria-labelledby")).text for chart in charts] == titles
    assert [page.get_element_by_id(chart.get("aria-describedby")).text for chart in charts] == [
        "Bar chart of people by theme: Doctors who speak our language 60 (50%); مواقف · ليل 12 (10%); Too few parking spaces 9"
    ] * 2
    assert page.xpath("string(//*[@id='people']/h2)") == titles[0]


def test_report_charts_tell_new_themes_and_keep_heaps_out(page: Element) -> None:
    for chart in page.xpath("//figure//*[local-name()='svg']"):
        words = "".join(chart.xpath(".//*[local-name()='text']//text()"))
        assert "12 · 10% · new" in words
        assert "known need" in words
        assert "possibly new" in words
        assert "other needs" not in words


def test_report_charts_draw_the_largest_and_the_list_has_all(report: Report) -> None:
    themes = [_theme(f"discovered.en.word{i}", {"en": 300 - i}, names={"en": f"word{i}!"}, stability=0.8) for i in range(200)]

    page = report(themes, _rows({"en": 400}))

    words = "".join(page.xpath("//figure[contains(@class, 'chart')]//*[local-name()='text']//text()"))
    assert [name in words for name in ("word0!", f"word{MOST_BARS - 1}!", f"word{MOST_BARS}!")] == [True, True, False]
    assert [line[0] for line in _lines(page)] == [str(i) for i in range(1, 201)]
    assert len(page.xpath("//article")) == 200
    assert "The 15 largest of 200 themes" in _told(page)


def test_report_of_one_theme_has_no_chart_of_one_bar(report: Report) -> None:
    page = report([_theme(DOCTORS, {"en": 12})], _rows({"en": 60}))

    assert page.xpath("//figure[contains(@class, 'chart')] | //table[@class='heat']") == []
    assert len(_lines(page)) == 1


# Themes by language


def test_report_by_language_tells_shares_of_each_language(report: Report) -> None:
    page = report([_theme(DOCTORS, {"en": 30, "ko": 10})], _rows({"en": 60, "ko": 100}))

    assert _cells(page) == {"Doctors who speak our language": {"English": "50%", "Korean": "10%"}}
    assert page.xpath("string(//*[@id='languages']/h2)") == (
        "Languages differ most on “Doctors who speak our language”: English 50%, Korean 10%"
    )


def test_report_by_language_hides_a_few_and_what_they_follow_from(report: Report) -> None:
    """The theme's 59 people are told: less 30, 10 and 11, the 8 would be known."""
    themes = [_theme(DOCTORS, {"en": 30, "ko": 10, "ru": 11, "ja": 8}), _theme(PARKING, {"ko": 11, "ja": 12})]

    page = report(themes, _rows({"en": 60, "ko": 40, "ja": 50, "ru": 50}))

    assert _cells(page) == {
        "Doctors who speak our language": {"English": "50%", "Japanese": "·", "Russian": "22%", "Korean": "·"},
        "Too few parking spaces": {"English": "0%", "Japanese": "24%", "Russian": "0%", "Korean": "28%"},
    }


def test_report_by_language_counts_languages_of_a_few_together(report: Report) -> None:
    themes = [_theme(DOCTORS, {"en": 30, "ko": 9, "ja": 8})]

    page = report(themes, _rows({"en": 60, "ko": 20, "ja": 14}))

    assert _cells(page) == {"Doctors who speak our language": {"English": "50%", "other languages": "50%"}}


def test_report_by_language_leaves_new_themes_out(page: Element) -> None:
    """They are sought in each language by itself: that others lack them says nothing."""
    assert list(_cells(page)) == ["Doctors who speak our language"]


def test_report_of_languages_counts_people_and_unsorted(page: Element) -> None:
    rows = page.xpath("//*[@id='read']//tbody/tr")

    assert [[_told(cell) for cell in row] for row in rows] == [
        ["English", "60 · 50%", "0"], ["Korean", "40 · 33%", "36 · 90%"], ["Arabic", "20 · 17%", "20 · 100%"]
    ]  # fmt: skip


# Words


def test_report_marks_language_and_direction_of_names_words_and_quotes(page: Element) -> None:
    [article] = page.xpath("//article[.//*[@lang='ar']]")
    found = [(element.tag, element.get("dir"), element.text) for element in article.xpath(".//*[@lang='ar']")]

    assert found == [("bdi", "rtl", "مواقف · ليل"), ("dd", "rtl", "مواقف، ليل"), ("blockquote", "rtl", "text 102")]
    assert {element.get("dir") for element in page.xpath("//*[@lang='en' or @lang='ko']")} == {"ltr"}


def test_report_quotes_are_verbatim_with_language_and_row(report: Report) -> None:
    rows: list[Row] = [(7, "ko", "  두 줄\n로 쓴 것 "), (8, "und", "?!"), *_rows({"en": 20})]
    page = report([_theme(DOCTORS, {"en": 20}, quotes=[0, 1])], rows, members={DOCTORS: range(22)})

    [first, second] = page.xpath("//article//figure")
    assert (first[0].text, _told(first[1])) == ("  두 줄\n로 쓴 것 ", "Korean · row 7")
    assert (second[0].get("dir"), _told(second[1])) == ("auto", "language not known · row 8")


def test_report_runs_nothing_that_people_wrote(report: Report) -> None:
    rows = [(1, "en", WILD), (2, "en", WILD), *_rows({"en": 30, "ko": 30})]
    wild = [_theme(key, {"en": 20, "ko": 12 + i}, names={"en": WILD}, keywords={"en": [WILD]}, quotes=[0]) for i, key in enumerate((DOCTORS, PARKING))]

    page = report(wild, rows, members={DOCTORS: [0]}, given=Given(WILD, WILD, WILD, WILD))

    assert page.xpath("//script | //b[text()='bold']") == []
    assert [element.text_content() for element in page.xpath("//article//h3")] == [WILD, WILD]
    assert page.xpath("//*[@id='unsorted']//blockquote/text()")[0] == WILD
    assert WILD in page.xpath("string(//h2[contains(., 'differ most')])")
    assert page.xpath("//figure//*[local-name()='desc']/text()")[0].count(WILD) == 2
    assert WILD in page.xpath("string(//*[@id='made'])")


def test_report_cuts_long_names_in_headings_only(report: Report) -> None:
    long = "A name that an operator wrote " * 9

    page = report([_theme("discovered.en.a", {"en": 20}, names={"en": long.strip()}, stability=0.8)], _rows({"en": 60}))

    assert re.fullmatch(r"“.{59,60}…” is named most, by 33% of 60 people", page.xpath("string(//h1)"))
    assert page.xpath("string(//article//h3)") == long.strip()


def test_report_takes_a_name_in_another_language_where_its_own_lacks(report: Report) -> None:
    page = report([_theme("discovered.en.a", {"en": 20}, names={"en": "bike lanes"}, stability=0.8)], _rows({"en": 60}), language="zh-Hans")

    [name] = page.xpath("//h1/bdi")
    assert (name.get("lang"), name.text) == ("en", "bike lanes")


# What belongs to no theme, and nothing at all


def test_report_shows_twenty_unsorted_of_all_languages_whatever_their_order(report: Report) -> None:
    rows = [(number, tag, f"{tag} {number % 50:02}") for number, tag, _ in _rows({"en": 60, "ko": 60})]

    shown = [
        sorted(report([_theme(DOCTORS, {"en": 1})], given).xpath("//*[@id='unsorted']//blockquote/text()")) for given in (rows, rows[::-1])
    ]

    assert shown[0] == shown[1]
    assert len(shown[0]) == 20
    assert {text[:2] for text in shown[0]} == {"en", "ko"}


def test_report_without_any_theme_says_so_and_shows_what_was_written(report: Report) -> None:
    page = report([], _rows({"en": 5}))

    assert page.xpath("string(//h1)") == "No theme was found"
    assert page.xpath("string(//*[@class='empty'])") == "No theme was found. What people wrote is under “Unsorted texts”."
    assert page.xpath("string(//*[@id='unsorted']/h2)") == "5 texts belong to no theme"
    assert page.xpath("//article | //figure[contains(@class, 'chart')] | //*[@id='themes']") == []


def test_report_of_empty_cells_counts_them_as_nobody(report: Report) -> None:
    page = report([], [(1, "und", " "), (2, "und", "")])

    assert page.xpath("string(//*[@class='empty'])") == "There is no text in this file."
    assert "2 rows without a text are left out." in _told(page)
    assert page.xpath("//*[@id='unsorted'] | //*[@id='read']//table") == []


# From the command


@pytest.fixture
def three_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.cli.themes.load_lexicon", lambda: THREE_NEEDS)


def _table(folder: Path, texts: Sequence[str]) -> Path:
    (folder / "needs.csv").write_text("\n".join(["need,tag", *(f"{text},en" for text in texts)]), encoding="utf-8")
    return folder / "needs.csv"


def _made(folder: Path) -> dict[str, str]:
    [made] = lxml.html.fromstring((folder / "report.html").read_text(encoding="utf-8")).xpath("//*[@id='made']//dl")
    return dict(zip(made.xpath("./dt/text()"), made.xpath("./dd/text()"), strict=True))


@pytest.mark.usefixtures("three_needs")
def test_report_speaks_the_language_that_was_asked_for(linsheng: Linsheng, tmp_path: Path) -> None:
    file = _table(tmp_path, [DOCTOR, DOCTOR, NOISE, GIBBERISH])

    for language in ("en", "zh-Hans"):
        result = linsheng("themes", file, "--text-column", "need", "--report-lang", language, "--out-dir", tmp_path / language)
        assert result.status == 0, result.err

    pages = [(tmp_path / language / "report.html").read_text(encoding="utf-8") for language in ("en", "zh-Hans")]
    assert [lxml.html.fromstring(page).xpath("string(//h1)") for page in pages] == [
        "“Doctors who speak our language” is named most, by 2 of 4 people", "提到“会说我们语言的医生”的人最多，4 人中有 2 人"
    ]  # fmt: skip
    for name in ("assignments.csv", "themes.json"):
        assert (tmp_path / "en" / name).read_bytes() == (tmp_path / "zh-Hans" / name).read_bytes()


def test_report_in_a_language_that_the_desk_lacks_is_one_line(linsheng: Linsheng, tmp_path: Path) -> None:
    result = linsheng("themes", _table(tmp_path, [DOCTOR]), "--text-column", "need", "--report-lang", "ko", "--out-dir", tmp_path)

    assert result.problem.startswith("Invalid value for '--report-lang': 'ko' is not one of")


@pytest.mark.usefixtures("three_needs")
def test_report_says_how_it_was_made(linsheng: Linsheng, tmp_path: Path) -> None:
    linsheng("themes", _table(tmp_path, [DOCTOR, NOISE]), "--text-column", "need", "--lang-column", "tag", "--out-dir", tmp_path)

    made = _made(tmp_path)
    assert {name: made[name] for name in list(made)[:-1]} == {
        "File": "needs.csv", "Column with the texts": "need",
        "Language of a text": "from the column tag, else recognised from the text",
        "Known needs": "the need lexicon, version three needs", "New themes": "as many as are stable", "Seed": "0",
    }  # fmt: skip
    assert re.match(r"Linsheng [\d.]+, Python [\d.]+, numpy [\d.]+, scipy [\d.]+, scikit-learn ", made["Made with"])


def test_report_says_what_replaced_the_lexicon(linsheng: Linsheng, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("categories: [{id: doctors, names: {en: D}, terms: {en: [doctor*]}}]", encoding="utf-8")
    file = _table(tmp_path, [DOCTOR, DOCTOR])

    linsheng("themes", file, "--text-column", "need", "--taxonomy", tmp_path / "own.yaml", "--out-dir", tmp_path / "own")
    linsheng("themes", file, "--text-column", "need", "--discover-only", "--k", "3", "--out-dir", tmp_path / "afresh")

    assert _made(tmp_path / "own")["Known needs"] == "the categories of own.yaml"
    assert (_made(tmp_path / "afresh")["Known needs"], _made(tmp_path / "afresh")["New themes"]) == (
        "not used; everything was grouped afresh", "3 in each language"
    )  # fmt: skip
