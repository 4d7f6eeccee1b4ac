"""Comments, meetings and votes at the desk, as browsers of several members get them."""

from __future__ import annotations

import io
import re
from typing import Any

import httpx
import pytest
from docx import Document

from survey.accounts.rules import RoleKind
from survey.accounts.tables import Role
from survey.authoring.queries import SurveyView, find_survey
from survey.fonts import FontMissing
from survey.themes import meetings, review_routes
from survey.themes.queries import find_theme
from survey.themes.rules import QuorumRule, Share
from survey.themes.tables import (
    ReviewComment,
    ReviewDecision,
    ReviewItem,
    ReviewMeeting,
    ReviewQuorum,
    ReviewSeat,
    ReviewVote,
    Theme,
)
from tests.conftest import STRANGERS, estrange, seat, sign_in
from tests.pages import PageClient
from tests.themes.review_voices import add_members, add_theme, item_of, mark_present, meeting_about
from tests.voices import actor_named, parsed, words_in, words_of

REVIEWS = "/desk/surveys/community-needs/reviews"
TABLES = (ReviewComment, ReviewMeeting, ReviewSeat, ReviewItem, ReviewVote, ReviewDecision, ReviewQuorum, Theme)


@pytest.fixture
async def survey(desk: httpx.AsyncClient) -> SurveyView:
    """Four members of several bodies; `chen` is signed in, of the committee."""
    await add_members("chen")
    return await find_survey("community-needs")


async def _stored() -> list[list[dict[str, Any]]]:
    return [await table.select().order_by(table.id) for table in TABLES]  # type: ignore[attr-defined]  # every one of them has an id


async def _as(desk: httpx.AsyncClient, name: str) -> None:
    await sign_in(desk, name)
    desk.cookies.set("desk_language", "en")


def _roles(response: httpx.Response) -> dict[str, str]:
    """The number that stands for each person in the form."""
    return {words_of(box.getparent().xpath(".//b")[0]): box.get("value") for box in parsed(response).xpath("//input[@name='members']")}


async def test_members_comment_and_take_their_words_back(desk: httpx.AsyncClient, survey: SurveyView, pages: PageClient) -> None:
    address = f"/desk/themes/{await add_theme(survey)}/review"
    assert (await pages.get(address)).h1 == "Nobody has commented on “Too few parking spaces” yet"

    assert (await desk.post(address, data={"text": "Look at\nhouse 5"})).headers["location"] == f"{address}?done=written"
    await _as(desk, "wu")
    too_long = await desk.post(address, data={"text": "x" * 2001})
    await desk.post(address, data={"text": "Try a month <b>first</b>"})

    assert too_long.status_code == 422
    assert "A comment takes 1 to 2,000 characters." in words_in(too_long)
    for _ in range(2):  # a button tapped twice; and words copied from somewhere, with what turns the direction of a line around
        await desk.post(address, data={"text": "Ask \u202ethe property\u2066 office"})
    twice = [row["text"] for row in await ReviewComment.select().where(ReviewComment.text.like("Ask%"))]
    assert twice == ["Ask the property office"]
    await ReviewComment.delete().where(ReviewComment.text.like("Ask%"))
    assert parsed(too_long).xpath("string(//textarea[@id='text'])").strip() == "x" * 2001
    page = await desk.get(address)
    assert parsed(page).xpath("//h1/text()") == ["2 comments on “Too few parking spaces”"]
    assert [found.text for found in parsed(page).xpath("//article//*[@class='said-words']")] == ["Look at\nhouse 5", "Try a month <b>first</b>"]
    assert "community service station" in words_in(page)
    [mine] = parsed(page).xpath("//article//input[@name='comment']/@value")[:1]  # one's own alone can be edited
    assert len(set(parsed(page).xpath("//article//input[@name='comment']/@value"))) == 1
    await desk.post(address, data={"comment": mine, "text": "Try two months first"})
    empty = await desk.post(address, data={"comment": mine, "text": ""})
    assert (empty.status_code, parsed(empty).xpath("string(//article//textarea)").strip()) == (422, "")
    assert (await desk.post(address, data={"comment": mine, "step": "withdraw"})).headers["location"] == f"{address}?done=withdrawn"
    gone = await desk.get(f"{address}?done=withdrawn")
    assert ("This comment was withdrawn." in words_in(gone), "months" in gone.text) == (True, False)
    await _as(desk, "chen")
    assert (await desk.post(address, data={"comment": mine, "text": "not mine"})).status_code == 404


async def test_a_meeting_from_its_convening_to_its_minutes(desk: httpx.AsyncClient, survey: SurveyView, pages: PageClient) -> None:
    theme_id = await add_theme(survey)
    assert "No meeting has been convened about this survey yet." in words_in(await desk.get(REVIEWS))
    form = await desk.get(f"{REVIEWS}/new?theme={theme_id}")
    roles = _roles(form)
    assert set(roles) == {"ada", "chen", "li", "wu", "zhao"}
    assert parsed(form).xpath("//input[@name='theme' and @checked]/@value") == [theme_id]
    given = {"day": "2026-03-05", "time": "09:30", "place": "Room 2", "members": [roles[name] for name in ("chen", "wu", "li", "zhao")],
             "chair": roles["chen"], "guests": "Li Wei, Sunny property office\n\n", "theme": theme_id}  # fmt: skip

    wrong = await desk.post(f"{REVIEWS}/new", data={**given, "place": "", "guests": "Li Wei", "chair": ""})
    assert wrong.status_code == 422
    assert [words_of(line) for line in parsed(wrong).xpath("//*[@id='summary']//li")] == [
        "Place : This is needed.", "Chair : This is needed.", "Guests without a vote : Each line needs a name, a comma and a body.",
    ]  # fmt: skip
    assert len(parsed(wrong).xpath("//input[@name='members' and @checked]")) == 4  # what was typed stays
    address = (await desk.post(f"{REVIEWS}/new", data=given)).headers["location"].split("?")[0]
    assert re.fullmatch(r"/desk/reviews/\w{20}", address)

    edit = await desk.get(f"{address}/edit")
    fields = {"seen": parsed(edit).xpath("//input[@name='seen']/@value")[0], **given, "present": given["members"]}
    assert (await desk.post(f"{address}/edit", data=fields)).headers["location"] == f"{address}?done=edited"
    empty = await desk.post(f"{address}/edit", data={**fields, "place": ""})
    assert (empty.status_code, "This is needed." in empty.text) == (422, True)
    late = await desk.post(f"{address}/edit", data={**fields, "place": "Room 9"})
    assert (late.status_code, "Room 9" in late.text, "Now stored:" in late.text) == (409, True, True)

    page = await desk.get(address)
    [item] = [found.get("id").removeprefix("item-") for found in parsed(page).xpath("//section[@class='card']")]
    agenda = f"{address}/agenda/{item}"
    motion = {"motion_text": "Put it into the plan", "act": "accept", "options": "Put it in\nWait", "reason": "Most asked for it", "revision": "1"}
    refused = await desk.post(agenda, data={**motion, "reason": "", "step": "close"})
    assert refused.status_code == 409
    assert [words_of(line) for line in parsed(refused).xpath("//*[@role='alert']//li")] == [
        "the reason for the decision",
        "the votes of: chen, wu, li, and zhao. Who has left is marked as absent under “Meeting and attendance”.",
    ]
    assert parsed(refused).xpath("string(//textarea[@name='motion_text'])").strip() == "Put it into the plan"
    stale = await desk.post(agenda, data={**motion, "motion_text": "Something else", "step": "save"})
    assert (stale.status_code, "Something else" in stale.text, "Now stored:" in stale.text) == (409, True, True)

    for name, vote in (("chen", {"choice": "for"}), ("wu", {"choice": "against", "words": "Too dear"}), ("zhao", {"choice": "for", "recused": "yes", "words": "I work there"})):  # fmt: skip
        await _as(desk, name)
        shown = parsed(await desk.get(address)).xpath("//input[@name='motion']/@value")
        answer = await desk.post(f"{agenda}/vote", data={**vote, "motion": shown[0]})
        assert answer.headers["location"] == f"{address}?done=voted&at={item}#item-{item}"
    await _as(desk, "li")
    nothing = await desk.post(f"{agenda}/vote", data={"motion": "2", "words": "I think"})
    assert (nothing.status_code, "Choose one" in nothing.text, "I think" in nothing.text) == (422, True, True)
    assert (await desk.post(f"{agenda}/vote", data={"choice": "for", "motion": "1"})).status_code == 409
    too_long = await desk.post(f"{agenda}/vote", data={"choice": "for", "motion": "2", "words": "x" * 2001})
    assert (too_long.status_code, "A field is too long" in too_long.text) == (422, True)
    assert (await desk.post(f"{agenda}/vote", data={"choice": "for", "motion": "2"})).status_code == 303
    await _as(desk, "ada")
    outsider = await desk.post(f"{agenda}/vote", data={"choice": "against", "motion": "2"})
    assert (outsider.status_code, "You do not sit in this meeting" in outsider.text) == (409, True)
    open_page = words_in(await desk.get(address))
    assert ("Too dear" in open_page, "in favour" in open_page, "0 of 1 theme is decided" in open_page) == (False, False, True)

    await _as(desk, "chen")
    closed = await desk.post(agenda, data={**motion, "revision": "2", "step": "close"})
    assert closed.headers["location"] == f"{address}?done=closed&at={item}#item-{item}"
    assert (await find_theme(theme_id)).state == "accepted"
    page = await desk.get(f"{address}?done=closed")
    words = words_in(page)
    assert [words_of(found) for found in parsed(page).xpath("//*[@class='figure']")] == ["2 in favour", "1 against", "0 abstained"]
    for told in ("1 of 1 theme is decided", "Put it into the plan", "Too dear", "I work there", "Decided: accept the theme.", "passed"):
        assert told in words
    minutes = await desk.get(f"{address}/minutes/docx")
    assert re.search(r'filename="minutes-2026-03-05-\w{6}\.docx"', minutes.headers["content-disposition"])
    assert minutes.content == (await desk.get(f"{address}/minutes/docx")).content
    texts = [paragraph.text for paragraph in Document(io.BytesIO(minutes.content)).paragraphs]
    assert "2 in favour, 1 against, 0 abstentions: passed." in texts
    assert (await desk.get(f"{address}/minutes/pdf")).content.startswith(b"%PDF")
    assert (await desk.get(f"{address}/minutes/odt")).status_code == 404
    listed = await desk.get(REVIEWS)
    assert [[words_of(cell) for cell in row] for row in parsed(listed).xpath("//tbody/tr")] == [["Thursday, March 5, 2026, 9:30 AM", "Room 2", "1", "1"]]
    assert parsed(await desk.get(f"/desk/themes/{theme_id}/review")).xpath(f"//a[@href='{address}']")

    await ReviewDecision.update({ReviewDecision.is_applied: False}, force=True)  # as if somebody had changed the theme at that moment
    assert "The theme is not yet what was decided" in words_in(await desk.get(address))
    assert (await desk.post(agenda, data={"step": "apply"})).headers["location"].startswith(f"{address}?done=applied")
    assert "The theme is not yet what was decided" not in words_in(await desk.get(address))

    no_reason = await desk.post(agenda, data={"step": "reopen", "why": ""})
    assert no_reason.status_code == 422
    assert (await desk.post(agenda, data={"step": "reopen", "why": "New figures"})).status_code == 303
    again = words_in(await desk.get(address))
    assert ("opened again by chen" in again, "New figures" in again, "Take off the agenda" in again) == (True, True, False)
    assert (await desk.post(agenda, data={"step": "remove"})).status_code == 409


async def test_an_agenda_grows_and_shrinks(desk: httpx.AsyncClient, survey: SurveyView) -> None:
    parking, health = await add_theme(survey), await add_theme(survey, "health", people=9, en="Doctors", zh_Hans="医生")
    meeting = await meeting_about(survey, actor=await actor_named("chen"))
    address = f"/desk/reviews/{meeting.public_id}"
    assert "There is no theme on the agenda." in words_in(await desk.get(address))

    nothing = await desk.post(f"{address}/agenda", data={})
    assert (nothing.status_code, "Choose at least one theme" in nothing.text) == (422, True)
    await desk.post(f"{address}/agenda", data={"theme": [parking, health]})
    page = await desk.get(address)
    assert [words_of(heading) for heading in parsed(page).xpath("//section/h2")] == ["1. Too few parking spaces vote open", "2. Doctors vote open"]
    assert "Fewer than 10 people name this need" in words_in(page)
    assert "9 people" not in words_in(page)
    first = (await item_of(meeting)).item.public_id
    assert (await desk.post(f"{address}/agenda/{first}", data={"step": "remove"})).headers["location"] == f"{address}?done=remove&at={first}"
    assert (await desk.post(f"{address}/agenda/{first}", data={"step": "remove"})).status_code == 404
    assert (await desk.post(f"{address}/agenda/{first}", data={"step": "close", "act": "x"})).status_code == 422

    assert "2. " not in words_in(await desk.get(address))


async def test_who_left_is_not_waited_for_and_who_has_no_role_any_more_keeps_the_seat(desk: httpx.AsyncClient, survey: SurveyView) -> None:
    meeting = await meeting_about(survey, await add_theme(survey), actor=await actor_named("chen"))
    await mark_present(meeting, survey, "chen", "wu", "li", actor=await actor_named("chen"))
    zhao = await actor_named("zhao")
    await Role.delete().where(Role.account == zhao.account_id)

    edit = await desk.get(f"/desk/reviews/{meeting.public_id}/edit")
    chosen = {words_of(box.getparent().xpath(".//b")[0]): box.get("value") for box in parsed(edit).xpath("//input[@name='members' and @checked]")}
    assert set(chosen) == {"chen", "wu", "li", "zhao"}
    fields = {"seen": "2", "day": "2026-03-06", "time": "10:00", "place": "Room 3", "members": list(chosen.values()), "present": [chosen["zhao"]], "chair": chosen["zhao"]}  # fmt: skip
    assert (await desk.post(f"/desk/reviews/{meeting.public_id}/edit", data=fields)).status_code == 303

    now = await meetings.find_meeting(meeting.public_id)
    assert [(place.who.name, place.is_chair, place.is_present) for place in now.seats] == [
        ("chen", False, False), ("li", False, False), ("wu", False, False), ("zhao", True, True),
    ]  # fmt: skip


async def test_a_committee_sets_its_quorum(desk: httpx.AsyncClient, survey: SurveyView) -> None:
    page = await desk.get(REVIEWS)
    assert "more than half of those entitled to vote, and at least 3 people" in words_in(page)

    for fields in ({"people": "0", "share": "half"}, {"people": "three", "share": "half"}, {"people": "3", "share": "most"}, {}):
        wrong = await desk.post(f"{REVIEWS}/quorum", data=fields)
        assert (wrong.status_code, "A quorum takes 1 to 99 people." in words_in(wrong)) == (422, True)
    assert (await desk.post(f"{REVIEWS}/quorum", data={"people": "5", "share": "two_thirds"})).status_code == 303

    assert await meetings.quorum_rule(None) == QuorumRule(5, Share.TWO_THIRDS)
    assert "at least two thirds of those entitled to vote, and at least 5 people" in words_in(await desk.get(f"{REVIEWS}?done=quorum"))


async def test_readers_see_and_change_nothing(client: httpx.AsyncClient) -> None:
    await seat(client, "audrey", RoleKind.AUDITOR)
    people = await add_members()
    survey = await find_survey("community-needs")
    theme_id = await add_theme(survey)
    meeting = await meeting_about(survey, theme_id, actor=people["chen"])
    before = await _stored()

    for address in (REVIEWS, f"/desk/themes/{theme_id}/review", f"/desk/reviews/{meeting.public_id}"):
        page = await client.get(address)
        assert page.status_code == 200
        assert parsed(page).xpath("//main//form") == []
    for address in (f"/desk/themes/{theme_id}/review", f"{REVIEWS}/new", f"/desk/reviews/{meeting.public_id}/agenda"):
        assert (await client.post(address, data={"text": "x"})).status_code == 404
    assert await _stored() == before


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_strangers_change_nothing(desk: httpx.AsyncClient, survey: SurveyView, stranger: str) -> None:
    theme_id = await add_theme(survey)
    meeting = await meeting_about(survey, theme_id, actor=await actor_named("chen"))
    item = f"/desk/reviews/{meeting.public_id}/agenda/{(await item_of(meeting)).item.public_id}"
    before = await _stored()
    estrange(desk, stranger)

    for address, fields in (
        (f"/desk/themes/{theme_id}/review", {"text": "x"}), (f"{REVIEWS}/quorum", {"people": "1", "share": "any"}),
        (f"/desk/reviews/{meeting.public_id}/agenda", {"theme": theme_id}), (item, {"step": "remove"}), (f"{item}/vote", {"choice": "for", "motion": "1"}),
    ):  # fmt: skip
        assert (await desk.post(address, data=fields)).status_code == (303 if stranger == "signed out" else 403)
    assert await _stored() == before


async def test_minutes_say_which_font_is_missing(desk: httpx.AsyncClient, survey: SurveyView, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = await meeting_about(survey, actor=await actor_named("chen"))

    def no_font(*_: Any) -> bytes:
        raise FontMissing("Noto Serif CJK SC")

    monkeypatch.setattr(review_routes, "write_minutes", no_font)
    response = await desk.get(f"/desk/reviews/{meeting.public_id}/minutes/pdf")

    assert (response.status_code, "fonts-noto-cjk" in words_in(response)) == (503, True)
