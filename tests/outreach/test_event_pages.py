"""Meetings as a resident's browser without scripts gets them, and what it says to them: counted once, without a name."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from survey import clock
from survey.authoring.queries import find_survey
from survey.i18n.speech import speech
from survey.outreach.events import EventView, cancel_event, event_counts, next_events
from survey.outreach.pages import MOST_REMEMBERED
from survey.outreach.tables import EventCount
from survey.tables import ALL_TABLES
from survey.web.limits import Limits, Rule
from survey.web.pages import environment, words
from tests.outreach.conftest import CHEN, meeting, soon
from tests.pages import Page, PageClient


def say(language: str, message: str) -> str:
    return speech("resident", language).gettext(message)


async def counts(event: EventView) -> tuple[int, dict[str, int]]:
    found = (await event_counts([event.id]))[event.id]
    return found.coming, found.interpreters


async def tap(
    pages: PageClient, page: Page, step: str = "come", interpreter: str | None = None, *, index: int = 0, status: int = 200
) -> Page:
    """Press a button of a meeting's form, as a browser does."""
    form = page.all("//article//form")[index]
    fields = [(str(i.get("name")), str(i.get("value"))) for i in form.xpath(".//input")]
    chosen = form.xpath(".//option[@selected]/@value") or [""]
    fields.append(("interpreter", str(chosen[0]) if interpreter is None else interpreter))
    assert step in form.xpath(".//button/@value")
    return await pages.post(form.get("action"), [*fields, ("step", step)], status=status)


async def test_page_without_meetings_says_so(pages: PageClient) -> None:
    page = await pages.get("/events?lang=en")

    assert page.words("//*[@class='empty']") == [
        "No meeting is planned at the moment. You are welcome at your community service station at any time."
    ]
    assert page.all("//article") == []


@pytest.mark.parametrize("number", [1, 3])
async def test_page_lists_every_meeting_ahead_the_next_first(pages: PageClient, number: int) -> None:
    for days in range(number, 0, -1):
        await meeting(name=f"第{days}次", starts_at=soon(days))
    await meeting(name="过去", starts_at=soon(-1))
    await cancel_event((await meeting(name="取消")).public_id, actor=CHEN)

    page = await pages.get("/events?lang=en")

    assert page.words("//article/h2") == [f"第{days}次" for days in range(1, number + 1)]


async def test_meeting_is_told_in_english_and_its_place_in_marked_chinese(pages: PageClient) -> None:
    event = await meeting()

    page = await pages.get("/events?lang=en")

    assert page.words("//article/h2") == ["Neighbours' evening"]
    assert page.words("//article/p/bdi[@lang='zh-Hans']") == ["社区服务站二楼", "简体中文"]
    assert page.words("//article/p/strong") == [speech("resident", "en").occasion(event.starts_at)]
    assert page.words("//article/p[@class='soft']") == ["Languages spoken there: 简体中文 · English"]
    assert page.all("//option[@value='ko']")[0].text == "한국어"
    assert [option.get("value") for option in page.all("//option")] == ["", "ko", "ja", "ru", "fr", "de", "es", "ar", "zh-Hant"]


@pytest.mark.parametrize("language", ["ko", "ar", "en-x-easy"])
async def test_coming_and_staying_away_in_other_languages(pages: PageClient, language: str) -> None:
    event = await meeting()

    page = await pages.get(f"/events?lang={language}")
    noted = await tap(pages, page, interpreter="ko")
    gone = await tap(pages, noted, "not")

    assert (page.language, noted.language, gone.language) == (language,) * 3
    assert noted.h1 == say(language, "Noted: you may come")
    assert gone.h1 == say(language, "Noted: you are not coming")
    assert "한국어" in noted.text
    assert f"/events?lang={language}" in noted.links()
    assert await counts(event) == (0, {})


async def test_meeting_where_every_language_is_spoken_asks_for_no_interpreter(pages: PageClient) -> None:
    every = ["zh-Hans", "zh-Hant", "en", "ko", "ja", "ru", "fr", "de", "es", "ar"]
    event = await meeting(languages_spoken=every)

    page = await pages.get("/events?lang=en")
    noted = await tap(pages, page)

    assert page.all("//select") == []
    assert noted.words("//article//button") == ["I am not coming after all"]
    assert await counts(event) == (1, {})


async def test_second_tap_counts_once_and_a_changed_wish_moves(pages: PageClient) -> None:
    event = await meeting()
    seen = []

    page = await pages.get("/events?lang=en")
    for interpreter in ("", "", "ko", "ja", ""):
        page = await tap(pages, page, interpreter=interpreter)
        seen.append(await counts(event))

    assert seen == [(1, {}), (1, {}), (1, {"ko": 1}), (1, {"ja": 1}), (1, {})]
    assert page.words("//article//p[@class='said']") == ["You said that you may come."]


async def test_page_remembers_what_was_said(pages: PageClient) -> None:
    event = await meeting()
    await tap(pages, await pages.get("/events?lang=en"), interpreter="ko")

    page = await pages.get("/events?lang=en")

    assert page.words("//article//button") == ["Change my interpreter wish", "I am not coming after all"]
    assert page.all("//option[@selected]")[0].get("value") == "ko"
    await tap(pages, page, "not")
    assert await counts(event) == (0, {})


async def test_doubled_tap_counts_once(pages: PageClient) -> None:
    """Both posts leave before the first answer brings the cookie."""
    event = await meeting()
    page = await pages.get("/events?lang=en")

    both = await asyncio.gather(tap(pages, page, interpreter="ko"), tap(pages, page, interpreter="ko"))

    assert [one.h1 for one in both] == ["Noted: you may come"] * 2
    assert await counts(event) == (1, {"ko": 1})


async def test_two_people_from_two_browsers_are_two(pages: PageClient) -> None:
    event = await meeting()
    await tap(pages, await pages.get("/events?lang=en"), interpreter="ko")
    pages.http.cookies.clear()

    await tap(pages, await pages.get("/events?lang=ja"), interpreter="ko")

    assert await counts(event) == (2, {"ko": 2})


async def test_cookie_holds_meetings_and_wishes_and_goes_with_the_last(pages: PageClient) -> None:
    one, other = await meeting(starts_at=soon(1)), await meeting(starts_at=soon(2))
    page = await pages.get("/events?lang=en")
    await tap(pages, page, interpreter="ko")
    both = await tap(pages, page, index=1)
    assert pages.http.cookies["events"] == f"{one.public_id}.ko~{other.public_id}"

    [line] = both.cookies
    left = await tap(pages, await pages.get("/events"), "not")
    last = await tap(pages, await pages.get("/events"), "not", index=1)

    assert {part.strip().lower() for part in line.split(";")[1:]} == {"path=/", "httponly", "samesite=lax", "max-age=15552000"}
    assert left.cookies[0].startswith(f"events={other.public_id};")
    assert "Max-Age=0" in last.cookies[0]
    assert (await counts(one), await counts(other)) == ((0, {}), (0, {}))


@pytest.mark.parametrize("value", ["x", "~~~", "a" * 20 + ".ko;x", "🙂", "a" * 5000, "~".join(["b" * 20] * 100), "<script>.ko"])
async def test_made_up_cookie_breaks_nothing(pages: PageClient, value: str) -> None:
    event = await meeting()
    headers = {"cookie": f"events={value}".encode()}

    page = pages.read(await pages.http.get("/events?lang=en", headers=headers), 200)  # type: ignore[arg-type]
    sent = await pages.http.post(f"/events/{event.public_id}/coming", data={"_language": "en", "interpreter": "", "step": "come"},
                                 headers=headers | {"sec-fetch-site": "same-origin"})  # type: ignore[arg-type]  # fmt: skip

    assert page.words("//article//button") == ["I may come"]
    assert sent.status_code == 200
    assert sent.headers["set-cookie"].count("~") <= MOST_REMEMBERED
    assert await counts(event) == (1, {})


async def test_cancelled_meeting_is_told_to_who_meant_to_come_and_to_nobody_else(pages: PageClient) -> None:
    event = await meeting()
    await tap(pages, await pages.get("/events?lang=en"))
    await cancel_event(event.public_id, actor=CHEN)

    mine = await pages.get("/events?lang=en")
    pages.http.cookies.clear()
    others = await pages.get("/events?lang=en")

    assert mine.words("//article/p[@class='why']") == ["This meeting has been cancelled."]
    assert mine.all("//article//form") == []
    assert others.all("//article") == []


async def test_page_that_is_older_than_the_cancelling_gets_words_of_its_own(pages: PageClient) -> None:
    event = await meeting()
    page = await pages.get("/events?lang=en")
    await cancel_event(event.public_id, actor=CHEN)

    late = await tap(pages, page, status=410)

    assert (late.h1, late.cookies) == ("This meeting takes no more notes", [])
    assert await counts(event) == (0, {})


@pytest.mark.parametrize(("public_id", "interpreter", "status"), [("unknown", "", 404), ("", "en", 422), ("", "xx", 422)])
async def test_what_no_page_offers_is_refused_and_counts_nothing(
    pages: PageClient, public_id: str, interpreter: str, status: int
) -> None:
    event = await meeting()

    await pages.post(
        f"/events/{public_id or event.public_id}/coming", {"_language": "en", "interpreter": interpreter, "step": "come"}, status=status
    )

    assert await EventCount.select() == []


async def test_another_sites_page_cannot_count_anybody(pages: PageClient) -> None:
    event = await meeting()

    response = await pages.send(f"/events/{event.public_id}/coming", {"step": "come"}, headers={"sec-fetch-site": "cross-site"})

    assert response.status_code == 403
    assert await EventCount.select() == []


async def test_old_phone_that_was_counted_can_still_change_its_mind(pages: PageClient) -> None:
    """No Sec-Fetch-Site, no Origin, but a cookie: the meetings' own, which has no authority."""
    event = await meeting()
    await tap(pages, await pages.get("/events?lang=en"))

    response = await pages.http.post(f"/events/{event.public_id}/coming", data={"step": "not"})

    assert response.status_code == 200
    assert await counts(event) == (0, {})


async def test_too_many_at_once_wait_and_are_not_counted(pages: PageClient, client: httpx.AsyncClient) -> None:
    app = client._transport.app  # type: ignore[attr-defined]  # the app behind the client
    app.state.limits = Limits({"events": Rule(2, 0.1), "doubled_tap": Rule(1, 0.1)})
    event = await meeting()
    address = f"/events/{event.public_id}/coming"

    answers = []
    for _ in range(3):
        pages.http.cookies.clear()
        answers.append(await pages.send(address, {"_language": "en", "interpreter": "", "step": "come"}))

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) in range(1, 11)
    assert await counts(event) == (2, {})


async def test_no_table_learns_who_may_come(pages: PageClient) -> None:
    await meeting()

    async def rows() -> dict[str, int]:
        return {table._meta.tablename: await table.count() for table in ALL_TABLES}

    before = await rows()
    await tap(pages, await pages.get("/events?lang=en"), interpreter="ko")
    after = await rows()

    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {"event_count": 2}


# The end of the thank-you page


async def thank_you(language: str, contact: str = "") -> str:
    survey = await find_survey("community-needs")
    events = await next_events(survey.id, None, language, clock.now())
    template = environment().get_template("components/next_events.html")
    return template.render(**words("resident", language), events=events, wishes={}, once="x", contact=contact)


async def test_thank_you_page_shows_meetings_and_whom_to_come_to(client: httpx.AsyncClient) -> None:
    for days in range(1, 5):
        await meeting(starts_at=soon(days))

    text = await thank_you("en", contact="Wangjing service station, +86 10 0000")

    assert re.findall(r"<h2>(.*?)</h2>", text) == ["The next meetings near you", "When to come in person, and to whom"]
    assert text.count("<h3>") == 3
    assert text.count('name="_from" value="receipt"') == 3
    assert "ask for the social worker on duty" in text
    assert '<p dir="auto">Wangjing service station, +86 10 0000</p>' in text


async def test_thank_you_page_without_meetings_says_only_when_and_to_whom_to_come(client: httpx.AsyncClient) -> None:
    text = await thank_you("en")

    assert re.findall(r"<h2>(.*?)</h2>", text) == ["When to come in person, and to whom"]
    assert "<form" not in text
    assert "/events" not in text


async def test_who_comes_from_the_thank_you_page_is_told_the_way_back(pages: PageClient) -> None:
    event = await meeting()
    body = {"_language": "en", "interpreter": "", "step": "come"}

    from_receipt = await pages.post(f"/events/{event.public_id}/coming", {**body, "_from": "receipt"})
    from_events = await pages.post(f"/events/{event.public_id}/coming", {**body, "_from": "events"})

    assert "To see your code again, go back one page." in from_receipt.text
    assert "go back one page" not in from_events.text
