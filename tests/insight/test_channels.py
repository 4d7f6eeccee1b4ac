"""The channels of a survey at the desk: which way brought how many."""

from __future__ import annotations

import httpx
import pytest

from survey.authoring.queries import SurveyView, find_survey
from survey.insight.service import FunnelRow, survey_funnel
from survey.outreach.funnel import Funnel
from survey.outreach.queries import channel_id, list_channel_views
from survey.outreach.service import add_channel
from survey.outreach.tables import Channel
from survey.responses.intake import entrance_to
from survey.responses.service import Recorder
from survey.settings import Settings
from tests.conftest import SECRET, bundled_survey
from tests.voices import parsed, words_in, words_of

CHANNELS = "/desk/surveys/community-needs/channels"


async def _reached(survey: SurveyView, counts: dict[str, tuple[int, int, int]]) -> None:
    """Let so many open, start and send by each channel; the empty code is none."""
    funnel = Funnel()
    entrance = await entrance_to(survey.slug)
    submissions = []
    for code, (opened, started, sent) in counts.items():
        channel = await add_channel(survey_id=survey.id, code=code, name=f"Way <{code}>") if code else None
        for stage, times in (("opened", opened), ("started", started)):
            for _ in range(times):
                funnel.count(survey.id, channel, stage)
        submissions += [
            entrance.submission(
                client_id=f"{code or 'none'}-client-{number:06d}", language="ko", channel=channel, source="form",
                answers=entrance.checker.check({"need_most": "x"}).answers,
            )
            for number in range(sent)
        ]  # fmt: skip
    await funnel.flush()
    if submissions:
        await Recorder(SECRET).record_all_or_nothing(submissions)


def _rows(response: httpx.Response) -> list[list[str]]:
    rows = parsed(response).xpath("//main//tbody/tr")
    return [[words_of(cell) for cell in row.xpath("./th | ./td")][:7] for row in rows]


async def test_funnel_joins_what_was_opened_begun_and_sent(database: Settings) -> None:
    survey = await bundled_survey()
    other = await bundled_survey("other")
    await _reached(survey, {"a": (30, 20, 12), "b": (9, 0, 3), "": (11, 10, 1)})
    await _reached(other, {"a": (50, 50, 0)})

    rows = await survey_funnel(survey.id)

    a, b = await list_channel_views(survey.id)
    assert rows == [
        FunnelRow(channel=a, opened=30, started=20, sent=None),  # 16 in all: 12 would tell that 4 came by the others
        FunnelRow(channel=b, opened=None, started=0, sent=None),
        FunnelRow(channel=None, opened=11, started=10, sent=None),
    ]


async def test_small_number_sent_does_not_follow_from_all_answers(database: Settings) -> None:
    """68 and 25 came by two ways and 7 by a third: with 100 in all, 7 would follow, so 25 is not told either."""
    survey = await bundled_survey()
    await _reached(survey, {"a": (90, 80, 68), "b": (30, 20, 7), "": (30, 26, 25)})

    assert [row.sent for row in await survey_funnel(survey.id)] == [68, None, None]


async def test_channels_page_without_any_says_what_to_do(desk: httpx.AsyncClient) -> None:
    response = await desk.get(CHANNELS)

    assert "This survey has no channels yet." in words_in(response)
    assert parsed(response).xpath("//main//table") == []
    assert "/desk/surveys/community-needs/add-channel" in parsed(response).xpath("//main//a/@href")


async def test_channels_page_shows_each_way_and_hides_small_numbers(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await _reached(survey, {"a": (1300, 20, 10), "b": (9, 1, 0), "": (1, 0, 0)})
    await Channel.update(
        {Channel.kind: "shop", Channel.place: "望京 <西园>", Channel.default_language: "ko", Channel.short: "7KQM3F",
         Channel.is_active: False}
    ).where(Channel.id == await channel_id(survey.id, "a"))  # fmt: skip
    await Channel.update({Channel.short: "ZZZZZZ"}).where(Channel.code == "b")

    response = await desk.get(CHANNELS)

    few = "fewer than 10"
    assert _rows(response) == [
        ["Way <a> retired http://127.0.0.1:8000/c/7KQM3F", "shop", "望京 <西园>", "Korean", "1,300", "20", "10"],
        ["Way <b> http://127.0.0.1:8000/c/ZZZZZZ", "other", "—", "—", few, few, "0"],
        ["Without a channel", "", "", "", few, "0", "0"],
    ]
    page = parsed(response)
    assert page.xpath("//main//tbody//form/@action") == [f"{CHANNELS}/a/state", f"{CHANNELS}/b/state"]
    assert page.xpath("//main//tbody//button/@value") == ["bring_back", "retire"]
    assert page.xpath("//main//tbody//a/@href") == [
        f"{CHANNELS}/{code}/{page}" for code in "ab" for page in ("posters", "edit")
    ]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", "bca"), ("name", "abc"), ("opened", "cab"), ("started", "abc"), ("sent", "abc"), ("place", "acb"), ("x'", "bca"),
    ],
)  # fmt: skip
async def test_channels_are_sorted_by_what_is_shown(desk: httpx.AsyncClient, sort: str, order: str) -> None:
    """Numbers below ten are hidden, and so is their order: b has more answers than c, but both come as they were added."""
    survey = await find_survey("community-needs")
    await _reached(survey, {"b": (10, 11, 7), "c": (30, 9, 6), "": (99, 99, 0), "a": (20, 12, 11)})
    await Channel.update({Channel.place: "Z"}).where(Channel.code == "b")
    await Channel.update({Channel.place: "m"}).where(Channel.code == "c")

    response = await desk.get(CHANNELS, params={"sort": sort} if sort else {})

    names = [row[0][5] if row[0].startswith("Way") else "-" for row in _rows(response)]
    assert "".join(names) == (f"{order}-" if sort in {"name", "opened", "started", "sent", "place"} else "bca-")
    sorted_by = parsed(response).xpath("//th[@aria-sort]")
    assert len(sorted_by) == (1 if sort and sort != "x'" else 0)


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
async def test_channels_page_speaks_the_desks_languages(desk: httpx.AsyncClient, language: str) -> None:
    await _reached(await find_survey("community-needs"), {"a": (1, 1, 0)})
    desk.cookies.set("desk_language", language)

    response = await desk.get(CHANNELS)

    assert parsed(response).get("lang") == language


async def test_overview_leads_to_the_channels_and_shows_those_in_use(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await _reached(survey, {"a": (0, 0, 0), "b": (0, 0, 0)})
    await Channel.update({Channel.is_active: False}).where(Channel.code == "a")

    response = await desk.get("/desk/surveys/community-needs")

    page = parsed(response)
    assert CHANNELS in page.xpath("//main//a/@href")
    assert [words_of(name) for name in page.xpath("//section[h2='Invite residents']//tbody/tr/th")] == ["Way <b>"]
