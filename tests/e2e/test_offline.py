"""Signal lost, tabs closed, servers killed, taps doubled: every case ends with exactly one answer, or plainly unsent."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from playwright.sync_api import Error as BrowserError

from tests.e2e.serving import Server
from tests.e2e.stepping import BEGIN, drafts, on

pytestmark = pytest.mark.browser

NOT_SENT = "Your answers have not been sent yet"
THANKS = "Thank you, your answer has arrived"
NEED = "한국어 하는 의사"

AGE = """async (savedAt) => {
    await new Promise(resolve => {
        const opening = indexedDB.open('linsheng');
        opening.onsuccess = () => {
            const store = opening.result.transaction('drafts', 'readwrite').objectStore('drafts');
            store.getAll().onsuccess = ({target}) => {
                for (const draft of target.result) store.put({...draft, savedAt});
                store.transaction.oncomplete = () => { opening.result.close(); resolve(); };
            };
        };
    });
}"""


def answer(page: Page, *, health: str = "") -> None:
    """Answer the survey until nothing is left but sending it."""
    page.get_by_role("button", name=BEGIN).click()
    page.check("[name=kind][value=neither]")
    on(page)
    page.fill("#f-need", NEED)
    if health:
        page.check("[name=may_use_health]")
        page.check(f"[name=health][value={health}]")
    on(page)
    page.check("[name=_agree]")


def send(page: Page) -> None:
    page.get_by_role("button", name="Send my answers").click()


def send_now(page: Page) -> None:
    """Press the button; where the page has tried again by itself in the meantime, it is gone."""
    with contextlib.suppress(BrowserError):
        page.get_by_role("button", name="Send now").click(timeout=3_000)


def leave(page: Page) -> None:
    """Close the tab. The browser's switch for airplane mode lets go of it a moment too early, so it must not send then."""
    page.evaluate("() => { window.fetch = () => Promise.reject(new Error('closed')); }")
    with page.expect_event("close"):
        page.close(run_before_unload=True)


def open_survey(phone: BrowserContext) -> Page:
    page = phone.new_page()
    page.goto("/s/every?lang=en")
    return page


@pytest.fixture
def ready(phone: BrowserContext) -> Page:
    """The survey, answered, and only to be sent."""
    page = open_survey(phone)
    answer(page)
    return page


def until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_airplane_mode_while_sending_waits_and_sends_when_the_signal_is_back(ready: Page, phone: BrowserContext, server: Server) -> None:
    phone.set_offline(True)

    send(ready)
    expect(ready.get_by_role("status")).to_contain_text(NOT_SENT)
    unsent = server.answers()
    phone.set_offline(False)

    expect(ready.get_by_role("heading", level=1)).to_have_text(THANKS)
    assert unsent == []
    assert server.answers() == [{"kind": "neither", "need": NEED}]


def test_the_button_sends_again_without_waiting(ready: Page, server: Server) -> None:
    ready.route("**/s/every", lambda route: route.abort())
    send(ready)
    expect(ready.get_by_role("status")).to_contain_text(NOT_SENT)
    ready.unroute("**/s/every")

    ready.get_by_role("button", name="Send now").click()

    expect(ready.get_by_role("heading", level=1)).to_have_text(THANKS)
    assert len(server.answers()) == 1


def test_an_answer_whose_reply_was_lost_is_stored_once(ready: Page, server: Server) -> None:
    def lose_the_reply(route: Route) -> None:
        route.fetch()
        route.abort()

    ready.route("**/s/every", lose_the_reply, times=1)
    send(ready)
    expect(ready.get_by_role("status")).to_contain_text(NOT_SENT)
    send_now(ready)

    expect(ready.get_by_role("heading", level=1)).to_have_text(THANKS)
    assert len(server.answers()) == 1


def test_a_killed_server_leaves_it_unsent_until_it_is_back(ready: Page, server: Server) -> None:
    server.kill()
    send(ready)
    expect(ready.get_by_role("status")).to_contain_text(NOT_SENT)

    server.start()
    send_now(ready)

    expect(ready.get_by_role("heading", level=1)).to_have_text(THANKS)
    assert len(server.answers()) == 1


def test_a_doubled_tap_sends_once(ready: Page, server: Server) -> None:
    ready.get_by_role("button", name="Send my answers").dblclick()

    expect(ready.get_by_role("heading", level=1)).to_have_text(THANKS)
    assert len(server.answers()) == 1


def test_a_slow_line_sends_once(ready: Page, phone: BrowserContext, server: Server) -> None:
    line = phone.new_cdp_session(ready)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", {"offline": False, "latency": 2000, "downloadThroughput": 6_000, "uploadThroughput": 6_000})

    send(ready)
    expect(ready.get_by_role("status")).to_contain_text("Sending")

    expect(ready.get_by_role("heading", level=1)).to_have_text(THANKS)
    assert len(server.answers()) == 1


def test_while_it_waits_answers_can_be_changed_and_are_sent_as_changed(ready: Page, phone: BrowserContext, server: Server) -> None:
    phone.set_offline(True)
    send(ready)

    ready.get_by_role("button", name="Change my answers").click()
    ready.locator(".overview > div", has_text="What do you need most?").get_by_role("button", name="Change").click()
    ready.fill("#f-need", "a quiet night")
    on(ready)
    phone.set_offline(False)
    send(ready)

    expect(ready.get_by_role("heading", level=1)).to_have_text(THANKS)
    assert server.answers() == [{"kind": "neither", "need": "a quiet night"}]


def test_nothing_is_kept_on_the_phone_unasked(ready: Page, phone: BrowserContext, server: Server) -> None:
    phone.set_offline(True)
    send(ready)
    expect(ready.get_by_role("status")).to_contain_text(NOT_SENT)

    kept = drafts(ready)
    asked: list[str] = []
    ready.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    leave(ready)

    assert kept == []
    assert asked == ["beforeunload"]
    assert server.answers() == []


def test_a_closed_tab_with_a_kept_answer_says_so_and_sends_it_once(ready: Page, phone: BrowserContext, server: Server) -> None:
    ready.get_by_label("Keep my draft on this phone for 24 hours").check()
    phone.set_offline(True)
    send(ready)
    expect(ready.get_by_role("status")).to_contain_text("kept on this phone")
    until(lambda: [draft["isWaiting"] for draft in drafts(ready)] == [True])
    leave(ready)
    phone.set_offline(False)

    again = open_survey(phone)
    expect(again.get_by_role("status")).to_contain_text("has not been sent yet")
    send_now(again)

    expect(again.get_by_role("heading", level=1)).to_have_text(THANKS)
    assert server.answers() == [{"kind": "neither", "need": NEED}]
    assert drafts(again) == []


def test_a_draft_goes_on_where_it_was(phone: BrowserContext, server: Server) -> None:
    page = open_survey(phone)
    page.get_by_label("Keep my draft on this phone for 24 hours").check()
    page.get_by_role("button", name=BEGIN).click()
    page.check("[name=kind][value=sport]")
    page.check("[name=place][value=other]")
    page.fill("#f-place_other", "tea house")
    until(lambda: [draft["raw"].get("place_other") for draft in drafts(page)] == [["tea house"]])
    leave(page)

    again = open_survey(phone)
    again.get_by_role("button", name="Go on with it").click()

    expect(again.get_by_role("heading", level=2)).to_have_text("Where you go")
    expect(again.locator("#f-place_other")).to_have_value("tea house")
    assert server.answers() == []


def test_a_draft_can_be_deleted(phone: BrowserContext, server: Server) -> None:
    page = open_survey(phone)
    page.get_by_label("Keep my draft on this phone for 24 hours").check()
    until(lambda: len(drafts(page)) == 1)
    leave(page)

    again = open_survey(phone)
    again.get_by_role("button", name="Delete it").click()

    until(lambda: drafts(again) == [])


def test_a_draft_older_than_a_day_is_gone(phone: BrowserContext, server: Server) -> None:
    page = open_survey(phone)
    page.get_by_label("Keep my draft on this phone for 24 hours").check()
    until(lambda: len(drafts(page)) == 1)
    page.evaluate(AGE, time.time() * 1000 - 24 * 3_600_000 - 1000)

    again = open_survey(phone)

    until(lambda: drafts(again) == [])
    expect(again.get_by_role("button", name="Go on with it")).to_have_count(0)


def test_sensitive_answers_are_never_kept_and_such_an_answer_is_not_sent_by_itself(phone: BrowserContext, server: Server) -> None:
    page = open_survey(phone)
    answer(page, health="yes")
    page.get_by_label("Keep my draft on this phone for 24 hours").check()
    phone.set_offline(True)
    send(page)
    until(lambda: [draft["hasGaps"] for draft in drafts(page)] == [True])
    [kept] = drafts(page)
    leave(page)
    phone.set_offline(False)

    again = open_survey(phone)

    assert "health" not in kept["raw"]
    assert kept["isWaiting"] is False
    expect(again.get_by_role("status")).to_contain_text("sensitive questions were not kept")
    assert server.answers() == []


def test_two_tabs_with_one_draft_end_in_one_answer(phone: BrowserContext, server: Server) -> None:
    first = open_survey(phone)
    first.get_by_label("Keep my draft on this phone for 24 hours").check()
    answer(first)
    until(lambda: [draft["raw"].get("need") for draft in drafts(first)] == [[NEED]])
    second = open_survey(phone)
    second.get_by_role("button", name="Go on with it").click()

    send(first)

    expect(first.get_by_role("heading", level=1)).to_have_text(THANKS)
    expect(second.get_by_role("status")).to_have_text("This answer has been sent from another tab.")
    assert len(server.answers()) == 1


def test_withdrawing_wipes_what_the_phone_kept(ready: Page, phone: BrowserContext, server: Server) -> None:
    send(ready)
    code = ready.locator("#receipt-code").inner_text()
    other = open_survey(phone)
    other.get_by_label("Keep my draft on this phone for 24 hours").check()
    until(lambda: len(drafts(other)) == 1)
    ready.goto("/receipt?lang=en")
    ready.fill("#code", code)

    ready.get_by_role("button", name="Show my answer").click()
    ready.get_by_role("button", name="Withdraw my answer").click()
    ready.get_by_role("button", name="Yes, withdraw it").click()

    until(lambda: drafts(ready) == [])
    assert server.answers() == []


def test_a_survey_opened_once_opens_without_a_signal_for_one_person_after_the_other(phone: BrowserContext, server: Server) -> None:
    page = open_survey(phone)
    until(lambda: bool(page.evaluate("() => navigator.serviceWorker.controller !== null")))
    page.reload()
    server.stop()

    ids = []
    for _ in range(2):
        page.goto("/s/every?lang=en")
        expect(page.get_by_role("status")).to_contain_text("There is no signal")
        ids.append(page.locator("[name=_client]").input_value())
    answer(page)
    send(page)
    expect(page.get_by_role("status")).to_contain_text(NOT_SENT)
    server.start()
    send_now(page)

    expect(page.get_by_role("heading", level=1)).to_have_text(THANKS)
    assert len(set(ids)) == 2
    assert server.rows('SELECT "client_id" FROM "response"') == [(ids[1],)]


def test_the_directory_opened_once_opens_without_a_signal_and_pushes_no_survey_out(phone: BrowserContext, server: Server) -> None:
    survey = open_survey(phone)
    until(lambda: bool(survey.evaluate("() => navigator.serviceWorker.controller !== null")))
    survey.reload()
    page = phone.new_page()
    for number in range(21):
        page.goto(f"/directory?lang=en&kind={number}")
    page.goto("/directory?lang=ko")
    heading = page.locator("h1").inner_text()
    page.wait_for_function("async () => (await (await caches.open('linsheng-1')).match(location.href, {ignoreVary: true})) !== undefined")
    server.stop()

    page.goto("/directory?lang=ko")
    expect(page.locator("h1")).to_have_text(heading)
    survey.goto("/s/every?lang=en")
    expect(survey.get_by_role("status")).to_contain_text("There is no signal")


def test_a_first_visit_to_the_directory_is_kept(phone: BrowserContext, server: Server) -> None:
    page = phone.new_page()
    page.goto("/directory?lang=en")
    page.wait_for_function("async () => (await (await caches.open('linsheng-1')).match(location.href, {ignoreVary: true})) !== undefined")
    until(lambda: bool(page.evaluate("() => navigator.serviceWorker.controller !== null")))
    server.stop()

    page.reload()
    expect(page.locator("h1")).to_have_text("Places and services in your neighbourhood")
    assert page.evaluate("() => getComputedStyle(document.querySelector('.bar')).display") == "flex"


def test_a_busy_server_is_tried_again(ready: Page, server: Server) -> None:
    ready.route("**/s/every", lambda route: route.fulfill(status=503, body="busy"), times=1)

    send(ready)
    expect(ready.get_by_role("status")).to_contain_text(NOT_SENT)
    send_now(ready)

    expect(ready.get_by_role("heading", level=1)).to_have_text(THANKS)
    assert len(server.answers()) == 1
