import datetime as dt
import re
from unicodedata import east_asian_width

import pytest

from analysis.statistics.intervals import Design
from survey.insight.charts.bars import Bar, bar_chart
from survey.insight.charts.frame import ACCENT, BRAND, DrawnChart, as_svg, inline_svg, wrap
from survey.insight.charts.themes import ThemeBar, draw_themes
from survey.insight.charts.words import Facts

DATES = (dt.date(2026, 3, 1), dt.date(2026, 3, 21))


def facts(language: str = "en", *, dates: tuple[dt.date, dt.date] | None = DATES, design: Design = Design.OPEN) -> Facts:
    return Facts(survey="您需要什么？" if language != "en" else "What do you need?", dates=dates, design=design, language=language)


BARS = [ThemeBar("Doctors who speak our language", 40, True), ThemeBar("停车位不足", 15, False)]


def _words(svg: str) -> str:
    """What a person reads in the picture, line after line."""
    return " ".join(re.findall(r">([^<>]+)</t(?:ext|span)>", svg))


@pytest.fixture(scope="module")
def chart() -> DrawnChart:
    """Drawn once for all tests of this file: drawing takes a third of a second."""
    return draw_themes(BARS, base=60, facts=facts("en"))


def test_chart_title_says_the_finding(chart: DrawnChart) -> None:
    assert chart.title == "67% of those who wrote name “Doctors who speak our language”"
    assert chart.title in _words(chart.svg)


def test_chart_description_tells_every_bar_in_words(chart: DrawnChart) -> None:
    assert chart.description == "Bar chart of people by theme: Doctors who speak our language 40 (67%); 停车位不足 15 (25%)"


def test_chart_carries_dates_n_numbers_and_states(chart: DrawnChart) -> None:
    words = _words(chart.svg)

    assert "Source: What do you need? · 60 people · March 1, 2026 to March 21, 2026" in words
    assert "Lines are model-based intervals (95%)" in words
    assert "no margin of error can be given" in words
    for part in ("Doctors who speak our language", "停车位不足", "40 people · 67%", "15 people · 25%", "accepted", "proposed"):
        assert part in words


def test_chart_speaks_chinese() -> None:
    chart = draw_themes([ThemeBar("停车位不足", 30, True)], base=60, facts=facts("zh-Hans"))

    words = _words(chart.svg).replace(" ", "")
    assert chart.title.replace(" ", "") in words
    assert "停车位不足" in chart.title
    assert "2026年3月1日" in words
    assert re.findall(r"[A-Za-z]{4,}", words) == []


def test_chart_without_dates_still_says_how_many() -> None:
    assert "Source: What do you need? · 60 people" in _words(draw_themes(BARS, base=60, facts=facts("en", dates=None)).svg)


def test_chart_of_the_same_figures_is_the_same_file(chart: DrawnChart) -> None:
    """Also after other charts: Vega counts on from chart to chart."""
    other, again = (draw_themes(bars, base=60, facts=facts("en")) for bars in (BARS[:1], BARS))

    assert again == chart
    assert other.svg != chart.svg


def test_chart_escapes_names() -> None:
    svg = draw_themes([ThemeBar("<script>x</script> & co", 20, True)], base=60, facts=facts("en")).svg

    assert "<script" not in svg
    assert "&lt;script&gt;" in svg


def test_chart_breaks_long_names_into_lines() -> None:
    long = "很长的主题名称" * 8

    svg = draw_themes([ThemeBar(long, 20, True)], base=60, facts=facts("zh-Hans")).svg

    lines = re.findall(r">([^<>]+)</tspan>", svg)
    assert max(sum(2 if east_asian_width(letter) in "WF" else 1 for letter in line) for line in lines) <= 104
    assert long in "".join(lines)


def test_chart_png_is_a_picture(chart: DrawnChart) -> None:
    assert chart.png is not None
    assert chart.png[:8] == b"\x89PNG\r\n\x1a\n"


def test_chart_without_a_font_for_chinese_has_no_png_but_an_svg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.insight.charts.frame.has_cjk_font", lambda: False)

    chart = draw_themes(BARS, base=60, facts=facts("en"))

    assert chart.png is None
    assert "停车位不足" in _words(chart.svg)


@pytest.mark.parametrize(("bars", "base"), [([], 60), (BARS, 0)])
def test_chart_of_nothing_is_refused(bars: list[ThemeBar], base: int) -> None:
    with pytest.raises(ValueError, match="no themes to draw"):
        draw_themes(bars, base=base, facts=facts("en"))


COLOURS = {"known need": BRAND, "possibly new": ACCENT}


def _bars(*names: str) -> list[Bar]:
    return [Bar(name, 20 - place, f"{20 - place} people", "known need") for place, name in enumerate(names)]


@pytest.mark.parametrize("is_narrow", [False, True])
def test_bars_of_one_name_are_two_bars(is_narrow: bool) -> None:
    svg = as_svg(bar_chart(_bars("Parking", "Parking"), colours=COLOURS, is_narrow=is_narrow))

    assert _words(svg).count("Parking") == 2
    assert svg.count(f'fill="{BRAND}"') == 3  # and the legend's
    assert {"20 people", "19 people"} <= set(re.findall(r">([^<>]+)</text>", svg))


def test_bars_for_a_phone_fit_its_width() -> None:
    widths = [
        float(re.findall(r'width="([\d.]+)"', as_svg(bar_chart(_bars("很长的主题名称" * 8, "x" * 200), colours=COLOURS, is_narrow=narrow)))[0])
        for narrow in (True, False)
    ]

    assert widths[0] < 330 < 700 < widths[1] < 900


def test_bars_of_one_kind_need_no_legend() -> None:
    svg = as_svg(bar_chart(_bars("Parking"), colours={"known need": BRAND}))

    assert "known need" not in _words(svg)


def test_bars_cut_a_name_that_takes_more_than_three_lines() -> None:
    words = [f"word{number}" for number in range(40)]

    [shown] = [line for line in [_words(as_svg(bar_chart(_bars(" ".join(words)), colours=COLOURS)))] if "word0" in line]

    assert "…" in shown
    assert "word39" not in shown


def test_inline_chart_has_title_and_text_alternative_and_names_no_address() -> None:
    svg = inline_svg(as_svg(bar_chart(_bars("Parking"), colours=COLOURS)), name="one", title="A & <b>", description=r"\g<0> \1")

    assert svg.startswith('<svg role="img" aria-labelledby="one-title" aria-describedby="one-text" ')
    assert '<title id="one-title">A &amp; &lt;b&gt;</title><desc id="one-text">\\g&lt;0&gt; \\1</desc>' in svg
    assert "http" not in svg
    assert re.findall(r"url\(|<style|<script", svg) == []


def test_chart_lines_break_at_spaces_and_between_wide_characters_but_not_before_a_closing_mark() -> None:
    assert wrap("人数按 5 的倍数取整，不足 10 人的不列。", 22) == ["人数按 5 的倍数取整，", "不足 10 人的不列。"]
    assert wrap("一二三，四", 6) == ["一二", "三，四"]
    assert wrap("Landlords, contracts and deposits", 14) == ["Landlords,", "contracts and", "deposits"]
    assert wrap("통지문이 중국어뿐", 10) == ["통지문이", "중국어뿐"]


def test_theme_named_by_one_endless_word_is_drawn_in_no_time() -> None:
    drawn = draw_themes([ThemeBar("x" * 1_000, 30, is_accepted=False)], base=60, facts=facts("en", dates=None))

    assert "xxx" in drawn.svg
    assert len(drawn.svg) < 12_000
