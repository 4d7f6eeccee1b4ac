"""The desk's first page, a survey's overview, its charts and codes, opening and closing: as a browser gets them."""

from __future__ import annotations

import re

import httpx
import pytest

from survey.accounts.rules import RoleKind
from survey.audit.tables import AuditEvent
from survey.authoring.queries import SurveyView, find_survey
from survey.authoring.service import bundled_form, close_survey, create_survey
from survey.fonts import APT_LINE
from survey.insight.service import draw_charts, find_chart
from survey.insight.tables import Chart
from survey.outreach.service import add_channel
from survey.qr import qr_svg
from tests.conftest import bundled_survey, seat
from tests.voices import DOCTOR, Person, analyse, parsed, record, themes_by_key, words_in, words_of

OVERVIEW = "/desk/surveys/community-needs"
ADDRESS = "http://127.0.0.1:8000/s/community-needs"


def _table(response: httpx.Response, heading: str) -> list[list[str]]:
    rows = parsed(response).xpath(f"//main//section[h2='{heading}']//tbody/tr")
    return [[words_of(cell) for cell in row.xpath("./th | ./td") if words_of(cell)] for row in rows]


def _rows_of_an_office_pc(response: httpx.Response) -> list[list[str]]:
    page = parsed(response)
    for phones in page.xpath("//main//*[contains(@class, 'only-narrow')]"):
        phones.clear()
    return [[words_of(cell) for cell in row.xpath("./th | ./td")] for row in page.xpath("//main//tbody/tr")]


async def _state() -> str:
    return str((await find_survey("community-needs")).state)


async def test_desk_lists_one_survey_with_its_counts(desk: httpx.AsyncClient, drawn: SurveyView) -> None:
    response = await desk.get("/desk")

    [cells] = _rows_of_an_office_pc(response)
    assert cells[:4] == ["What does your neighbourhood need?", "open", "31", "1"]
    assert re.fullmatch(r"[A-Z][a-z]{2} \d{1,2}, \d{4}", cells[4])
    assert cells[5] != "not yet"
    assert parsed(response).xpath("//main//tbody//a/@href") == [OVERVIEW]
    assert words_of(parsed(response).xpath("//h1")[0]) == "1 survey is open"


async def test_desk_lists_three_surveys_newest_first(desk: httpx.AsyncClient) -> None:
    second = await bundled_survey("second")
    await create_survey(slug="third", form=bundled_form(), is_fictional=True)
    await record(second, [Person(page="ko"), Person(page="ja")])
    await close_survey("second", actor="ada", role="administrator")

    response = await desk.get("/desk")

    rows = _rows_of_an_office_pc(response)
    assert [row[:4] for row in rows] == [
        ["What does your neighbourhood need? fictional", "draft", "0", "0"],
        ["What does your neighbourhood need?", "closed", "fewer than 10", "2"],
        ["What does your neighbourhood need?", "open", "0", "0"],
    ]
    assert [row[5] for row in rows] == ["not yet"] * 3
    assert parsed(response).xpath("//main//tbody//a/@href") == ["/desk/surveys/third", "/desk/surveys/second", OVERVIEW]


async def test_desk_without_surveys_says_how_one_is_made(desk: httpx.AsyncClient) -> None:
    from survey.authoring.tables import Survey

    await Survey.delete(force=True)

    response = await desk.get("/desk")

    assert "There is no survey yet." in words_in(response)
    assert parsed(response).xpath("//main//code/text()") == ["linsheng survey import FILE"]


async def test_overview_without_answers_says_so(desk: httpx.AsyncClient) -> None:
    response = await desk.get(OVERVIEW)

    assert words_in(response).count("No answers yet.") == 3
    assert parsed(response).xpath("//main//figure") == []
    assert [words_of(figure) for figure in parsed(response).xpath("//*[@class='figure']")] == ["0 people answered", "0 languages"]


async def test_overview_counts_groups_and_pools_small_ones(desk: httpx.AsyncClient) -> None:
    await record(
        await find_survey("community-needs"),
        [
            *(Person(page="en") for _ in range(20)),
            *(Person(page="ko", area="donghu") for _ in range(11)),
            *(Person(page="ja", area="maizidian") for _ in range(4)),
        ],
    )

    response = await desk.get(OVERVIEW)

    assert _table(response, "By language of the page") == [
        ["English", "20 · 57%"],
        ["2 others, counted together Japanese and Korean", "15 · 43%"],
    ]
    assert _table(response, "By subdistrict") == [
        ["Wangjing Subdistrict", "20 · 57%"],
        ["2 others, counted together Maizidian Subdistrict and Donghu Subdistrict", "15 · 43%"],
    ]
    [[_, people]] = _table(response, "By day")
    assert people == "35"


async def test_overview_tells_no_group_of_fewer_than_ten_anywhere_in_its_html(desk: httpx.AsyncClient) -> None:
    await record(
        await find_survey("community-needs"),
        [*(Person(page="en") for _ in range(30)), *(Person(page="ko", area="donghu") for _ in range(7))],
    )

    response = await desk.get(OVERVIEW)

    # 7 of 37 people: the number, its share and a bar that long would each tell.
    assert _table(response, "By language of the page") == [["2 others, counted together Korean and English", "37 · 100%"]]
    assert re.findall(r"81\s?%|19\s?%|18\.9|81\.1|>\s*7\s*<|>\s*30\s*<", response.text) == []
    assert parsed(response).xpath("//main//*[local-name()='rect']/@width") == ["100.0"] * 2


async def test_overview_of_nine_answers_shows_no_group(desk: httpx.AsyncClient) -> None:
    await record(await find_survey("community-needs"), [*(Person(page="ko") for _ in range(5)), *(Person(area="donghu") for _ in range(4))])

    response = await desk.get(OVERVIEW)

    assert words_in(response).count("Too few answers to show: fewer than 10.") == 3
    assert parsed(response).xpath("//main//table") == []
    assert "Donghu" not in response.text


async def test_overview_waits_for_the_chart_after_a_run(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await record(survey, [Person(need=DOCTOR) for _ in range(12)])
    await analyse(survey)

    response = await desk.get(OVERVIEW)

    assert "The chart is drawn in the background." in words_in(response)
    assert parsed(response).xpath("//main//figure") == []


async def test_overview_shows_the_chart_with_its_text_alternative(desk: httpx.AsyncClient, drawn: SurveyView) -> None:
    response = await desk.get(OVERVIEW)

    chart = await find_chart(drawn.id, "themes", "en")
    assert chart is not None
    [image] = parsed(response).xpath("//main//figure//img")
    assert image.get("alt") == chart.description
    assert image.get("src") == f"{OVERVIEW}/charts/themes.svg?v={chart.data_version[:12]}"
    assert "being drawn again" not in response.text


async def test_overview_says_that_the_chart_is_out_of_date(desk: httpx.AsyncClient, drawn: SurveyView) -> None:
    theme = (await themes_by_key(drawn))["health.doctor_language"]
    await desk.post(f"/desk/themes/{theme.public_id}", data={"decision": "accept"})

    response = await desk.get(OVERVIEW)

    assert "This chart is being drawn again." in words_in(response)


async def test_chart_is_served_as_svg_and_png_in_the_desks_language(desk: httpx.AsyncClient, drawn: SurveyView) -> None:
    english = await find_chart(drawn.id, "themes", "en")
    assert english is not None
    await Chart.insert(
        Chart(survey=drawn.id, kind="themes", language="zh-Hans", data_version="", title="", description="", svg="<svg>图</svg>")
    )

    svg, png = await desk.get(f"{OVERVIEW}/charts/themes.svg"), await desk.get(f"{OVERVIEW}/charts/themes.png")
    wanted, unknown = await desk.get(f"{OVERVIEW}/charts/themes.svg?in=zh-Hans"), await desk.get(f"{OVERVIEW}/charts/themes.svg?in=ko")

    assert (svg.headers["content-type"].split(";")[0], svg.text) == ("image/svg+xml", english.svg)
    assert (png.headers["content-type"], png.content) == ("image/png", english.png)
    assert png.headers["content-disposition"] == 'attachment; filename="community-needs-themes.png"'
    assert (wanted.text, unknown.text) == ("<svg>图</svg>", english.svg)


@pytest.mark.parametrize("kind", ["svg", "png"])
async def test_chart_that_has_not_been_drawn_is_a_designed_page(desk: httpx.AsyncClient, kind: str) -> None:
    response = await desk.get(f"{OVERVIEW}/charts/themes.{kind}")

    assert response.status_code == 404
    assert parsed(response).xpath("//h1/text()") == ["Nothing is here"]


async def test_chart_as_png_without_a_font_says_which_packages_are_missing(desk: httpx.AsyncClient, drawn: SurveyView) -> None:
    await Chart.update({Chart.png: None}).where(Chart.survey == drawn.id)

    response = await desk.get(f"{OVERVIEW}/charts/themes.png")

    assert response.status_code == 503
    assert parsed(response).xpath("//main//code/text()") == [APT_LINE]
    assert parsed(response).xpath("//h1/text()") == ["The server lacks a font for this picture"]


async def test_overview_shows_the_link_and_each_channels_own(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await add_channel(survey_id=survey.id, code="hanguk", name="韩国超市 <海报>")

    response = await desk.get(OVERVIEW)

    page = parsed(response)
    assert page.xpath("//main//section[h2='Invite residents']/p[1]/a/@href") == [ADDRESS]
    [row] = page.xpath("//main//section[h2='Invite residents']//tbody/tr")
    assert [words_of(cell) for cell in row.xpath("./th | ./td")] == ["韩国超市 <海报>", f"{ADDRESS}?c=hanguk", "SVG"]
    assert page.xpath("//img[@class='qr']/@src") == [f"{OVERVIEW}/qr.svg"]


async def test_qr_holds_the_link_of_the_channel(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await add_channel(survey_id=survey.id, code="hanguk", name="韩国超市")

    plain, channel, unknown = [await desk.get(f"{OVERVIEW}/qr.svg{query}") for query in ("", "?c=hanguk", "?c=<script>")]

    assert plain.headers["content-type"].split(";")[0] == "image/svg+xml"
    assert plain.content == qr_svg(ADDRESS)
    assert channel.content == qr_svg(f"{ADDRESS}?c=hanguk")
    assert unknown.content == qr_svg(ADDRESS)
    assert plain.content != channel.content


async def test_committee_member_may_not_open_or_close(desk: httpx.AsyncClient) -> None:
    page = await desk.get(OVERVIEW)

    response = await desk.post(f"{OVERVIEW}/state", data={"change": "close"})

    assert parsed(page).xpath("//button[@name='change']") == []
    assert response.status_code == 404
    assert parsed(response).xpath("//h1/text()") == ["Nothing is here"]
    assert await _state() == "open"


async def test_administrator_closes_and_opens_again(client: httpx.AsyncClient) -> None:
    await seat(client, "ada", RoleKind.ADMINISTRATOR)

    closed = await client.post(f"{OVERVIEW}/state", data={"change": "close"})
    between, page = await _state(), await client.get(OVERVIEW)
    opened = await client.post(f"{OVERVIEW}/state", data={"change": "open"})

    assert [(reply.status_code, reply.headers["location"]) for reply in (closed, opened)] == [(303, OVERVIEW)] * 2
    assert (between, await _state()) == ("closed", "open")
    assert parsed(page).xpath("//button[@name='change']/text()") == ["Open the survey again"]
    acts = await AuditEvent.select().where(AuditEvent.actor == "ada").where(AuditEvent.action.like("survey.%")).order_by(AuditEvent.id)
    assert [(act["role"], act["action"]) for act in acts] == [
        ("administrator", "survey.closed"),
        ("administrator", "survey.open"),
    ]


@pytest.mark.parametrize(("change", "status"), [("open", 409), ("delete", 422), ("", 422)])
async def test_change_of_state_that_does_not_fit_is_a_designed_page(
    client: httpx.AsyncClient, change: str, status: int
) -> None:
    await seat(client, "ada", RoleKind.ADMINISTRATOR)

    response = await client.post(f"{OVERVIEW}/state", data={"change": change})

    assert response.status_code == status
    assert parsed(response).xpath("//h1/text()") == [{409: "Somebody was faster", 422: "This cannot be used"}[status]]
    assert await _state() == "open"


async def test_opening_a_survey_with_missing_strings_lists_them(client: httpx.AsyncClient) -> None:
    from msgspec.structs import replace

    await seat(client, "ada", RoleKind.ADMINISTRATOR)
    form = bundled_form()
    without = {tag: text for tag, text in form.title.items() if tag not in {"ko", "ar"}}
    await create_survey(slug="gaps", form=replace(form, title=without))

    response = await client.post("/desk/surveys/gaps/state", data={"change": "open"})

    page = parsed(response)
    assert response.status_code == 409
    assert words_of(page.xpath("//*[@role='alert']/h2")[0]) == "The survey cannot open: 2 strings are missing"
    assert sorted(words_of(item) for item in page.xpath("//*[@role='alert']//li")) == ["Arabic: title", "Korean: title"]
    assert str((await find_survey("gaps")).state) == "draft"


async def test_pages_are_for_who_is_signed_in(desk: httpx.AsyncClient, drawn: SurveyView) -> None:
    desk.cookies.delete("session")

    for path in ("/desk", OVERVIEW, f"{OVERVIEW}/qr.svg", f"{OVERVIEW}/charts/themes.svg", f"{OVERVIEW}/charts/themes.png"):
        response = await desk.get(path)

        assert (response.status_code, response.headers["location"].split("?")[0]) == (303, "/login"), path
        assert "Doctors who speak" not in response.text


async def test_overview_of_an_unknown_survey_is_a_designed_page(desk: httpx.AsyncClient) -> None:
    response = await desk.get("/desk/surveys/no-such")

    assert response.status_code == 404
    assert parsed(response).xpath("//h1/text()") == ["Nothing is here"]


async def test_overview_after_the_charts_were_drawn_again_shows_the_new_one(desk: httpx.AsyncClient, drawn: SurveyView) -> None:
    before = parsed(await desk.get(OVERVIEW)).xpath("//figure//img/@src")
    theme = (await themes_by_key(drawn))["health.doctor_language"]
    await desk.post(f"/desk/themes/{theme.public_id}", data={"decision": "rename", "name_en": "Doctors for us"})
    await draw_charts(drawn.id)

    response = await desk.get(OVERVIEW)

    after = parsed(response).xpath("//figure//img/@src")
    assert after != before  # a browser that keeps the old picture would show it
    assert "being drawn again" not in response.text
    assert "Doctors for us" in parsed(response).xpath("//figure//img/@alt")[0]
