"""How long themes wait, why they are decided, in which role, and what is done with a run's difference: as a member's browser gets it."""

from __future__ import annotations

import datetime as dt

import httpx
import msgspec

from analysis.themes.results import FoundTheme
from survey import clock
from survey.accounts.queries import area_names
from survey.accounts.rules import RoleKind
from survey.accounts.service import create_account
from survey.audit.tables import AuditEvent
from survey.authoring.queries import SurveyView
from survey.db.transaction import write_transaction
from survey.themes.queries import list_events, review_days, review_progress
from survey.themes.results import theme_values
from survey.themes.service import decide
from survey.themes.states import EventKind
from survey.themes.tables import ReviewEvent, ReviewLimit, Theme
from tests.themes.board import BOARD, DIFFERENCE, DOCTORS, PLACES_TO_PARK, WORDS, alert, card, cards, page_of, send
from tests.voices import (
    DOCTOR,
    PARKING,
    Person,
    actor_named,
    analyse,
    parsed,
    record,
    themes_by_key,
    words_in,
    words_of,
)

REVIEWS = "/desk/surveys/community-needs/reviews"
OVERVIEW = "/desk/surveys/community-needs"


async def _proposed(key: str, at: dt.datetime) -> None:
    async with write_transaction(Theme):
        await Theme.update({Theme.proposed_at: at}).where(Theme.key == key)


async def test_theme_that_waits_beyond_the_limit_shows_as_overdue_until_it_is_decided(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    await record(analysed, [Person(need=PARKING) for _ in range(6)])
    await analyse(analysed)
    first_moment = clock.midnight(clock.today() - dt.timedelta(days=30))
    await _proposed(DOCTORS, first_moment)  # the thirtieth day is not over
    await _proposed(PLACES_TO_PARK, first_moment - dt.timedelta(seconds=1))

    board, theme, overview = await desk.get(BOARD, params={"sort": "waiting"}), await desk.get(await page_of(analysed, PLACES_TO_PARK)), await desk.get(OVERVIEW)

    assert cards(board) == ["Too few parking spaces", "Doctors who speak our language"]
    assert "overdue: proposed 31 days ago" in words_of(card(board, "Too few parking spaces"))
    assert "overdue" not in words_of(card(board, "Doctors who speak our language"))
    figures = [words_of(found) for found in parsed(board).xpath("//*[@class='figure']")]
    assert figures[3:6] == ["0 accepted", "0% decided with a reason", "1 overdue"]
    assert "30 days after it was first proposed is overdue" in words_in(board)
    assert words_of(parsed(theme).xpath("//*[contains(@class, 'late')]")[0]) == "overdue: proposed 31 days ago"
    assert "1 theme overdue" in words_in(overview)

    await analyse(analysed)  # another run is no new beginning
    assert (await review_progress(analysed.id)).overdue == 1
    await desk.post(await page_of(analysed, PLACES_TO_PARK), data={"decision": "accept"})
    assert (await review_progress(analysed.id)).overdue == 0
    assert "overdue" not in words_in(await desk.get(OVERVIEW))
    await send(desk, await page_of(analysed, PLACES_TO_PARK), {"decision": "reopen"})
    assert (await review_progress(analysed.id)).overdue == 1


async def test_limit_is_set_by_survey_and_what_is_no_limit_is_refused(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    await _proposed(DOCTORS, clock.now() - dt.timedelta(days=8))
    assert "is to be decided within 30 days" in words_in(await desk.get(REVIEWS))

    for wrong in ("0", "366", "soon", ""):
        refused = await desk.post(f"{REVIEWS}/limit", data={"days": wrong})
        assert refused.status_code == 422
        assert alert(refused) == "A limit takes 1 to 365 days."
        assert parsed(refused).xpath("//input[@name='days']/@value") == [wrong]
    stored = await desk.post(f"{REVIEWS}/limit", data={"days": "7"})
    await desk.post(f"{REVIEWS}/limit", data={"days": "7"})

    assert stored.headers["location"] == f"{REVIEWS}?done=limit"
    assert (await review_days(analysed.id), await ReviewLimit.count()) == (7, 1)
    assert "overdue: proposed 8 days ago" in words_of(card(await desk.get(BOARD), "Doctors who speak our language"))
    [act] = await AuditEvent.select().where(AuditEvent.action == "review.limit")
    assert (act["actor"], act["role"], act["data"]) == ("chen", "committee", '{"days":7}')


async def test_dismissal_needs_a_reason_and_reasons_are_counted_and_shown(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    doctors, parking = await page_of(analysed, DOCTORS), await page_of(analysed, PLACES_TO_PARK)

    refused = await desk.post(doctors, data={"decision": "dismiss", "why": "  "})
    assert refused.status_code == 422
    assert alert(refused) == "A theme is dismissed for a reason: please write it down."
    assert await ReviewEvent.count() == 0

    await desk.post(doctors, data={"decision": "dismiss", "why": "the clinic has one"})
    await desk.post(parking, data={"decision": "accept"})
    progress = await review_progress(analysed.id)
    assert (progress.themes, progress.reasoned, progress.share) == (2, 1, 0.5)
    assert "Dismissed because: the clinic has one" in words_in(await desk.get(doctors))
    assert "50% decided with a reason" in words_in(await desk.get(BOARD))
    assert "50% of the themes decided with a reason" in words_in(await desk.get(OVERVIEW))
    [undo] = parsed(await desk.get(doctors)).xpath("//ol[@class='story']//input[@name='event']/@value")
    await desk.post(doctors, data={"decision": "undo", "event": undo})
    assert (await review_progress(analysed.id)).reasoned == 0


async def test_history_and_log_say_in_which_role_and_for_which_area_somebody_acted(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    wangjing = next(key for key, name in (await area_names("en")).items() if name == "Wangjing Subdistrict")
    await create_account(name="he", roles=[(RoleKind.ADMINISTRATOR, None), (RoleKind.SUBDISTRICT, wangjing)])
    he = msgspec.structs.replace(await actor_named("he", RoleKind.SUBDISTRICT), area_id=wangjing)
    await desk.post(await page_of(analysed, DOCTORS), data={"decision": "accept", "why": "many ask"})
    await decide((await themes_by_key(analysed))[PLACES_TO_PARK], EventKind.ACCEPT, actor=he)

    history = await desk.get(f"{BOARD}/history")

    told = [words_of(found) for found in parsed(history).xpath("//ol[@class='story']//*[contains(@class, 'role')]")]
    assert told == ["acting for: Wangjing Subdistrict · subdistrict office", "acting for: residents’ committee"]
    assert [(event.by, event.role, event.area) for event in await list_events(analysed.id)] == [("chen", "committee", None), ("he", "subdistrict", wangjing)]
    acts = await AuditEvent.select().where(AuditEvent.action == "theme.accept").order_by(AuditEvent.id)
    assert [(act["actor"], act["role"]) for act in acts] == [("chen", "committee"), ("he", "subdistrict")]


async def test_name_that_is_too_long_is_refused_and_kept(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    page, before = await page_of(analysed, DOCTORS), await themes_by_key(analysed)
    [statement, *_] = parsed(await desk.get(f"{page}/statements")).xpath("//input[@name='statement']/@value")

    renamed = await desk.post(page, data={"decision": "rename", "name_zh-Hans": "名" * 81, "name_en": "Doctors"})
    made = await desk.post(f"{page}/statements", data={"act": "new", "statement": statement, "new_zh-Hans": "名" * 10_000})

    for response, field in ((renamed, "name_zh-Hans"), (made, "new_zh-Hans")):
        assert response.status_code == 422
        assert alert(response) == "A name takes 1 to 80 characters."
        assert len(parsed(response).xpath(f"//input[@name='{field}']/@value")[0]) in {81, 10_000}
    assert await themes_by_key(analysed) == before


def test_name_that_a_run_makes_of_residents_words_is_short_in_every_language() -> None:
    found = FoundTheme("discovered.en.x", "discovered", {"en": "x" * 2000, "zh-Hans": "车" * 80}, {}, 12, 12, {"en": 12}, [], [])

    assert theme_values(found, [])["names"] == {"en": "x" * 79 + "…", "zh-Hans": "车" * 80}


async def test_difference_that_is_refused_is_told_reachable_and_proposed_again_when_undone(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    await desk.post(await page_of(analysed, DOCTORS), data={"decision": "accept"})
    await desk.post(WORDS, data={"word": f"{(await page_of(analysed, DOCTORS)).rsplit('/', 1)[1]}|en|flonk"})
    await analyse(analysed)
    [run] = set(parsed(await desk.get(DIFFERENCE)).xpath("//input[@name='run']/@value"))

    refused = await desk.post(DIFFERENCE, data={"run": run, "answer": "reject", "why": "no word"})

    assert refused.headers["location"] == f"{BOARD}?done=reject"
    assert "is not proposed again as long as it is the same" in words_in(await desk.get(refused.headers["location"]))
    await record(analysed, [Person(need=DOCTOR)])
    await analyse(analysed)
    board, nothing = await desk.get(BOARD), await desk.get(DIFFERENCE)
    assert "The newest analysis would still move 2 statements that you left as they were." in words_in(board)
    assert parsed(nothing).xpath("//h1/text()") == ["No difference waits"]
    assert "2 statements were left as they were before" in words_in(nothing)
    left = await desk.get(DIFFERENCE, params={"show": "rejected"})
    assert parsed(left).xpath("//h1/text()") == ["2 statements stay where they are, as you decided"]
    assert "chen left everything as it was before the new analysis, because: no word" in words_in(left)
    assert "unsorted → Doctors who speak our language" in words_in(left)
    [event] = parsed(left).xpath("//input[@name='event']/@value")
    undone = await desk.post(f"{BOARD}/history", data={"event": event, "back": "difference"})
    assert undone.headers["location"] == f"{DIFFERENCE}?done=undo"
    assert parsed(await desk.get(DIFFERENCE)).xpath("//h1/text()") == ["The new analysis would move 2 statements"]
    assert "you left" not in words_in(await desk.get(BOARD))

    [run] = set(parsed(await desk.get(DIFFERENCE)).xpath("//input[@name='run']/@value"))
    await desk.post(DIFFERENCE, data={"run": run, "answer": "take"})
    assert (await themes_by_key(analysed))[DOCTORS].people == 15
    events = parsed(await desk.get(f"{BOARD}/history")).xpath("//ol[@class='story']//input[@name='event']/@value")
    given_back = await desk.post(f"{BOARD}/history", data={"event": events[0]})
    assert given_back.status_code == 303
    assert (await themes_by_key(analysed))[DOCTORS].people == 13
    await analyse(analysed)
    [undo, *_] = parsed(await desk.get(f"{BOARD}/history")).xpath("//ol[@class='story']//input[@name='event']/@value")
    too_late = await desk.post(f"{BOARD}/history", data={"event": undo})
    assert (too_late.status_code, alert(too_late)) == (409, "A newer analysis took the place of this one; look at what it proposes.")
