"""The page of a survey's waves, and the banner of needs that rose or fell: as a browser gets them."""

from __future__ import annotations

import re
from typing import Any

import httpx
import msgspec
import pytest

from survey import clock
from survey.accounts.rules import RoleKind
from survey.audit.tables import AuditEvent
from survey.authoring.queries import SurveyView, find_survey, form_of
from survey.authoring.service import close_survey
from survey.authoring.tables import SurveyVersion, Wave
from survey.authoring.waves import list_waves
from survey.db.transaction import write_transaction
from survey.insight.counting import stored_figures
from survey.insight.schemas import WaveComparison, WaveState
from survey.insight.service import count_again
from survey.insight.wave_routes import Told, told_by_wave
from survey.jobs.kinds import DRAW_CHARTS
from survey.jobs.tables import Job
from survey.outreach.service import add_channel
from survey.questionnaire.form import Section, write_form
from survey.responses.service import withdraw
from survey.responses.tables import Tally
from survey.themes.alerts import list_alerts
from survey.themes.queries import find_theme
from survey.themes.service import decide
from survey.themes.states import EventKind
from survey.themes.tables import WaveAlert
from tests.conftest import STRANGERS, bundled_survey, estrange, seat, sign_in
from tests.pages import check_page
from tests.voices import (
    DOCTOR,
    NOISE,
    PARKING,
    Person,
    actor_named,
    analyse,
    parsed,
    record,
    start_next_wave,
    themes_by_key,
    words_in,
    words_of,
)

SURVEY = "/desk/surveys/community-needs"
WAVES = f"{SURVEY}/waves"
PAGES = (SURVEY, f"{SURVEY}/themes", f"{SURVEY}/numbers")
FORM = {"after": "1", "minimum": "40", "rise": "7", "name_zh-Hans": " 冬季  回访 ", "name_en": ""}


def _people(**needs: int) -> list[Person]:
    texts = {"doctor": DOCTOR, "parking": PARKING, "noise": NOISE}
    return [Person(need=f"{texts[need]}, {need} {n}") for need, total in needs.items() for n in range(total)]


@pytest.fixture
async def two_waves(desk: httpx.AsyncClient) -> SurveyView:
    """100 people in each: parking rose from 20 to 60, a doctor fell from 60 to 20, noise stayed. Counted, nothing drawn."""
    survey = await find_survey("community-needs")
    await record(survey, _people(doctor=60, parking=20, noise=20))
    await start_next_wave(survey, names={"en": "Winter"})
    await record(survey, _people(doctor=20, parking=60, noise=20))
    await analyse(survey)
    await count_again(survey.id)
    return await find_survey("community-needs")


def _rows(response: httpx.Response) -> list[list[str]]:
    return [[words_of(cell) for cell in row.xpath("./th | ./td")] for row in parsed(response).xpath("//main//div[@class='scroll']//tbody/tr")]


async def _state() -> tuple[int, int, list[str]]:
    """The survey's wave, how many later ones there are, and the acts about waves."""
    acts = await AuditEvent.select(AuditEvent.action).where(AuditEvent.action.like("wave.%")).order_by(AuditEvent.id)
    return (await find_survey("community-needs")).wave, await Wave.count(), [act["action"] for act in acts]


# What there is


async def test_page_tells_waves_newest_first_and_what_changed(desk: httpx.AsyncClient, two_waves: SurveyView) -> None:
    response = await desk.get(WAVES)

    rows = _rows(response)
    assert [[row[0], row[1], *row[3:]] for row in rows] == [
        ["Wave 2 · Winter now", "100", "all channels", "30 people in each wave, 5 points"], ["Wave 1", "100", "all channels", "—"],
    ]  # fmt: skip
    assert re.fullmatch(r"since \w{3} \d+, \d{4} started by chen", rows[0][2])
    heading = "“Too few parking spaces” rose: 20% of those who wrote in wave 1, 60% in wave 2"
    assert words_of(parsed(response).xpath("//main//h1")[0]) == heading
    fell = "“Doctors who speak our language” fell: 60% of those who wrote in wave 1, 20% in wave 2"
    cards = [words_of(card) for card in parsed(response).xpath("//section[@id='alerts']//li")]
    # Newcombe's method 10 from Wilson's limits: 60/100 (0.502, 0.691), 20/100 (0.133, 0.289)
    assert [card.split(" Counted on")[0] for card in cards] == [
        f"{heading} People who wrote: 100 and 100. Difference: +40 points, limits +27 to +51 points.",
        f"{fell} People who wrote: 100 and 100. Difference: -40 points, limits -51 to -27 points.",
    ]
    words = words_in(response)
    assert "Of 3 themes compared. The limits are model-based (95%) and no margin of error" in words
    assert "±" not in words


async def test_what_rose_stands_on_every_page_of_the_survey_until_somebody_has_looked_at_it(desk: httpx.AsyncClient, two_waves: SurveyView) -> None:
    for page in PAGES:
        [notice] = parsed(await desk.get(page)).xpath("//section[@aria-labelledby='wave-alerts-h']")
        rose, fell = notice.xpath("./ul")
        assert "A need has risen since the last wave" in words_of(notice)
        assert "rose: 20% of those who wrote in wave 1, 60% in wave 2 People who wrote: 100 and 100" in words_of(rose)
        assert fell.get("class") == "plain-list soft"  # the other direction more quietly
        assert words_of(fell).startswith("“Doctors who speak our language” fell: 60%")

    for alert in await list_alerts(two_waves.id, "en"):
        answer = await desk.post(f"{WAVES}/seen", data={"alert": alert.public_id})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{WAVES}#alerts")

    for page in PAGES:
        assert parsed(await desk.get(page)).xpath("//section[@aria-labelledby='wave-alerts-h']") == []
    assert words_in(await desk.get(WAVES)).count("Seen by chen on") == 2


async def test_alert_is_seen_once_and_stays_so_when_it_is_counted_again(desk: httpx.AsyncClient, two_waves: SurveyView) -> None:
    rise, _ = await list_alerts(two_waves.id, "en")
    await desk.post(f"{WAVES}/seen", data={"alert": rise.public_id})
    await seat(desk, "li")
    await desk.post(f"{WAVES}/seen", data={"alert": rise.public_id})

    await record(two_waves, _people(parking=20))
    await analyse(two_waves)
    await count_again(two_waves.id)

    again, other = await list_alerts(two_waves.id, "en")
    assert (again.public_id, again.seen_by, again.theme) == (rise.public_id, "chen", rise.theme)
    assert "20% of those who wrote in wave 1, 67% in wave 2" in again.heading  # 80 of 120
    assert (other.seen_by, [one.public_id for one in await list_alerts(two_waves.id, "en", is_new=True)]) == ("", [other.public_id])
    assert (await _state())[2] == ["wave.started", "wave.alert_seen"]
    await bundled_survey("second")
    for address, alert in ((f"{WAVES}/seen", "unknown"), ("/desk/surveys/second/waves/seen", other.public_id)):
        assert (await desk.post(address, data={"alert": alert})).status_code == 303
    assert (await list_alerts(two_waves.id, "en"))[1] == other


async def test_alert_goes_with_what_it_told_of(desk: httpx.AsyncClient, two_waves: SurveyView) -> None:
    """A theme that was dismissed is not told; and what does not hold any more when it is counted again is gone."""
    rise, fall = await list_alerts(two_waves.id, "en")
    await decide(await find_theme(fall.theme), EventKind.DISMISS, actor=await actor_named("chen"), why="known")
    assert [one.public_id for one in await list_alerts(two_waves.id, "en")] == [rise.public_id]

    await record(two_waves, _people(doctor=190, noise=20))
    await analyse(two_waves)
    await count_again(two_waves.id)

    assert [one.heading for one in await list_alerts(two_waves.id, "en") if one.public_id == rise.public_id] == []
    assert await WaveAlert.count().where(WaveAlert.theme == (await find_theme(fall.theme)).id) == 0


def _asked_otherwise(section: Section) -> Section:
    questions = [
        msgspec.structs.replace(question, label={**question.label, "en": "What else?"}) if question.id == "need_most" else question
        for question in section.questions
    ]
    return msgspec.structs.replace(section, questions=questions)


async def test_questions_that_read_otherwise_are_not_compared_and_the_pages_say_so(desk: httpx.AsyncClient, two_waves: SurveyView) -> None:
    form = await form_of(two_waves.version_id)
    changed = msgspec.structs.replace(form, sections=[_asked_otherwise(section) for section in form.sections])
    async with write_transaction(SurveyVersion):
        [version] = await SurveyVersion.insert(
            SurveyVersion(survey=two_waves.id, number=2, form=write_form(changed).decode(), form_hash="x", created_at=clock.now())
        ).returning(SurveyVersion.id)
        await Tally.update({Tally.version: version["id"]}).where(Tally.wave == 2)

    await count_again(two_waves.id)

    counted = await stored_figures(two_waves.id)
    assert counted is not None
    assert counted.figures.comparison == WaveComparison(2, WaveState.CHANGED)
    said = "The open questions do not read the same in waves 1 and 2: what people wrote cannot be compared."
    for page in (WAVES, f"{SURVEY}/numbers"):
        assert said in words_in(await desk.get(page))
    assert await list_alerts(two_waves.id, "en") == []


async def test_small_waves_are_told_together_and_not_compared(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await record(survey, _people(doctor=31))
    await start_next_wave(survey)
    await record(survey, _people(parking=9))
    await analyse(survey)
    await count_again(survey.id)

    response = await desk.get(WAVES)

    assert [row[1] for row in _rows(response)] == ["40, in waves 1 to 2 together"] * 2
    assert "Fewer than 30 people wrote in wave 1 or in wave 2: too few to compare." in words_in(response)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({}, [Told(0, 1, 1), Told(0, 2, 2), Told(0, 3, 3)]),
        ({1: 9}, [Told(None, 1, 1), Told(0, 2, 2), Told(0, 3, 3)]),
        ({1: 10, 2: 3, 3: 8}, [Told(10, 1, 1), Told(11, 2, 3), Told(11, 2, 3)]),
        ({1: 100, 2: 100, 3: 9}, [Told(100, 1, 1), Told(109, 2, 3), Told(109, 2, 3)]),
        ({1: 3, 2: 0, 3: 9}, [Told(12, 1, 3), Told(0, 2, 2), Told(12, 1, 3)]),
    ],
)
def test_nobody_can_work_out_a_wave_of_fewer_than_ten(counts: dict[int, int], told: list[Told]) -> None:
    assert list(told_by_wave(counts, 3).values()) == told


@pytest.mark.parametrize(("slug", "is_open", "said"), [
    ("draft", False, "The survey has not been opened. Its first wave begins when it opens."),
    ("community-needs", True, "Nobody has answered wave 1 yet. The next one can start when somebody has."),
])  # fmt: skip
async def test_before_anybody_answered_there_is_nothing_to_start(desk: httpx.AsyncClient, slug: str, is_open: bool, said: str) -> None:
    if not is_open:
        await bundled_survey(slug, is_open=False)

    response = await desk.get(f"/desk/surveys/{slug}/waves")
    refused = await desk.post(f"/desk/surveys/{slug}/waves", data={**FORM, "step": "start"})

    assert said in words_in(response)
    assert parsed(response).xpath("//main//form") == []
    assert (refused.status_code, await Wave.count()) == (409, 0)


# Starting and taking back


async def test_wave_starts_after_it_was_asked_and_is_taken_back_while_nobody_answered(desk: httpx.AsyncClient) -> None:
    """The walk of somebody without scripts: form, question, back to the form, start, undo."""
    survey = await find_survey("community-needs")
    await add_channel(survey_id=survey.id, code="shop", name="Korean shop")
    await record(survey, _people(doctor=12))
    asked = await desk.post(WAVES, data={**FORM, "channel": "shop", "step": "ask"})
    assert (asked.status_code, await _state()) == (200, (1, 0, []))
    assert "Name: 冬季 回访 Aimed at: Korean shop A change is told from 40 people in each wave and 7 points on" in words_in(asked)
    hidden = {field.get("name"): field.get("value") for field in parsed(asked).xpath("//main//input[@type='hidden']")}

    changed = await desk.post(WAVES, data={**hidden, "step": "change"})
    form = parsed(changed).xpath(f"//main//form[@action='{WAVES}']")[0]
    assert form.xpath(".//input[@id='minimum']/@value") == ["40"]
    assert form.xpath(".//input[@name='channel'][@checked]/@value") == ["shop"]

    started = await desk.post(WAVES, data={**hidden, "step": "start"})
    assert (started.status_code, started.headers["location"]) == (303, WAVES)
    assert await _state() == (2, 1, ["wave.started"])
    [_, wave] = await list_waves(await find_survey("community-needs"))
    assert (wave.minimum, wave.rise, wave.names, wave.started_by) == (40, 7, {"zh-Hans": "冬季 回访"}, "chen")
    assert await Job.exists().where((Job.kind == DRAW_CHARTS) & (Job.subject == f"survey:{survey.id}"))
    page = await desk.get(WAVES)
    assert [row[:2] for row in _rows(page)] == [["Wave 2 · 冬季 回访 now", "0"], ["Wave 1", "12"]]
    assert "Korean shop" in _rows(page)[0][3]
    assert "Nobody has answered wave 2 yet" in words_in(page)
    assert "wave 2 since" in words_in(await desk.get(SURVEY))

    undone = await desk.post(f"{WAVES}/undo", data={"wave": "2"})
    assert (undone.status_code, await _state()) == (303, (1, 0, ["wave.started", "wave.taken_back"]))


async def test_wave_that_was_answered_is_not_taken_back(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await record(survey, _people(doctor=1))
    await start_next_wave(survey)
    [receipt] = await record(survey, _people(doctor=1))

    kept = await desk.post(f"{WAVES}/undo", data={"wave": "2"})

    assert (kept.status_code, (await _state())[:2]) == (409, (2, 1))
    assert "This wave cannot be taken back any more" in words_in(kept)
    assert parsed(kept).xpath(f"//form[@action='{WAVES}/undo']") == []
    await withdraw(receipt.code)
    assert (await desk.post(f"{WAVES}/undo", data={"wave": "1"})).status_code == 409
    assert (await desk.post(f"{WAVES}/undo", data={"wave": "2"})).status_code == 303
    assert (await _state())[:2] == (1, 0)


async def test_who_is_second_starts_nothing_and_keeps_what_was_typed(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await record(survey, _people(doctor=1))
    await start_next_wave(survey)
    await record(survey, _people(doctor=1))

    for step in ("ask", "start"):
        late = await desk.post(WAVES, data={**FORM, "step": step})

        assert (late.status_code, (await _state())[:2]) == (409, (2, 1))
        assert "Somebody else has just started a wave" in words_in(late)
        assert parsed(late).xpath("//input[@id='rise']/@value") == ["7"]
        assert parsed(late).xpath("//input[@name='after']/@value") == ["2"]


BAD: list[tuple[dict[str, Any], list[str]]] = [
    ({"minimum": "9"}, ["People who wrote, in each of the two waves, at least: A whole number from 10 to 100,000."]),
    ({"minimum": "many", "rise": "-5"}, [
        "People who wrote, in each of the two waves, at least: A whole number from 10 to 100,000.",
        "Change in percentage points, at least: A whole number from 1 to 50.",
    ]),
    ({"rise": "51"}, ["Change in percentage points, at least: A whole number from 1 to 50."]),
    ({"channel": ["shop", "old"]}, ["Channels that it is aimed at: This channel cannot be chosen any more."]),
    ({"name_en": "x" * 61}, ["Name in English: This is too long."]),
]  # fmt: skip


async def test_mistakes_start_nothing_and_are_told_at_their_field(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await add_channel(survey_id=survey.id, code="shop", name="Korean shop")
    await record(survey, _people(doctor=1))

    for bad, said in BAD:
        response = await desk.post(WAVES, data={**FORM, **bad, "step": "start"})

        assert (response.status_code, await _state()) == (422, (1, 0, []))
        page = parsed(response)
        assert [words_of(line).replace(" :", ":") for line in page.xpath("//*[@id='summary']//li")] == said
        assert [words_of(why) for why in page.xpath("//main//form//p[@class='why']")] == [line.split(": ")[1] for line in said]
        assert page.xpath("//input[@id='name_zh-Hans']/@value") == [FORM["name_zh-Hans"]]
    assert (await desk.post(f"{WAVES}/undo", data={"wave": "one"})).status_code == 422


async def test_strangers_change_nothing(desk: httpx.AsyncClient, two_waves: SurveyView) -> None:
    before = await _state(), await WaveAlert.select().order_by(WaveAlert.id)
    [alert, _] = await list_alerts(two_waves.id, "en")

    for stranger in STRANGERS:
        estrange(desk, stranger)
        for address, fields in ((WAVES, {**FORM, "after": "2", "step": "start"}), (f"{WAVES}/undo", {"wave": "2"}), (f"{WAVES}/seen", {"alert": alert.public_id})):
            answer = await desk.post(address, data=fields)
            assert answer.status_code == (303 if stranger == "signed out" else 403)
            assert answer.headers.get("location", "/login").startswith("/login")
        desk.headers.pop("sec-fetch-site", None)
        desk.headers["origin"] = "http://127.0.0.1:8000"
        await sign_in(desk, "chen")

    assert (await _state(), await WaveAlert.select().order_by(WaveAlert.id)) == before


async def test_who_only_reads_sees_waves_and_starts_none(desk: httpx.AsyncClient, two_waves: SurveyView) -> None:
    await seat(desk, "wu", RoleKind.AUDITOR)

    page = await desk.get(WAVES)

    assert parsed(page).xpath("//main//form") == []
    assert "rose: 20%" in words_in(page)
    assert (await desk.post(WAVES, data={**FORM, "after": "2", "step": "start"})).status_code == 404
    await sign_in(desk, "chen")
    await close_survey("community-needs", actor="chen", role="committee")
    assert "The survey is closed: open it again for answers to come." in words_in(await desk.get(WAVES))


async def test_inbox_filters_by_waves_with_their_names(desk: httpx.AsyncClient, two_waves: SurveyView) -> None:
    page = check_page(await desk.get(f"{SURVEY}/inbox?wave=2"))

    options = [(option.get("value"), words_of(option)) for option in page.all("//select[@name='wave']/option")]
    assert options == [("", "all"), ("1", "Wave 1"), ("2", "Wave 2 · Winter")]
    assert len(await themes_by_key(two_waves)) == 3
