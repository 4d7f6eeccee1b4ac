"""The inbox's pages: reading, filters, acts that lead back, the translators' queue, the mask."""

from __future__ import annotations

import re

import httpx
import pytest
from lxml import etree

from survey.accounts.queries import area_ids
from survey.accounts.rules import RoleKind
from survey.accounts.tables import Account, Role
from survey.audit.tables import AuditEvent
from survey.authoring.queries import SurveyView, find_survey
from survey.db.transaction import write_transaction
from survey.responses.service import flag_responses, withdraw
from survey.statements.queries import versions_of
from survey.statements.service import prepare_statements, show_flags
from survey.statements.tables import Rendering, Statement
from survey.themes.tables import Assignment, Theme
from tests.conftest import STRANGERS, bundled_survey, estrange, seat
from tests.pages import PageClient
from tests.voices import DOCTOR, NOISE, PARKING, Person, parsed, record, words_in

KOREAN = "한국어를 하는 의사가 있으면 좋겠어요"
PHONE = "13800138000"
INBOX = "/desk/surveys/community-needs/inbox"


@pytest.fixture
async def texts(desk: httpx.AsyncClient) -> dict[str, str]:
    """A few statements; public ids by text. Ten people of Wangjing answered in Korean, one in English."""
    survey = await find_survey("community-needs")
    people = [Person(need=KOREAN, page="ko")] + [Person(need=f"주차 공간이 너무 부족해요 {n}", page="ko") for n in range(9)]
    await record(survey, [*people, Person(need=f"{DOCTOR}, call me: {PHONE}"), Person(need="<b>停车</b>太难了\u202e", page="zh-Hans", area="maizidian")])
    await prepare_statements(survey.id)
    rows = await Statement.select(Statement.public_id, Statement.redacted)
    return {row["redacted"]: row["public_id"] for row in rows}


def _ids(response: httpx.Response) -> list[str]:
    return re.findall(r'<article class="note[^"]*" id="s-(\w+)"', response.text)


async def _one(text: str) -> dict[str, object]:
    row = await Statement.select().where(Statement.redacted == text).first()
    assert row is not None
    return row


async def test_inbox_shows_what_came_in_chinese_first_with_the_original_beside_it(desk: httpx.AsyncClient, texts: dict[str, str]) -> None:
    desk.cookies.set("desk_language", "zh-Hans")
    pages = PageClient(desk)

    page = await pages.get(f"{INBOX}?language=ko&q=의사")

    article = page.root.xpath("//article")[0]
    original = article.xpath(".//blockquote")[0]
    assert (original.text, original.get("lang"), original.get("dir")) == (KOREAN, "ko", "auto")
    assert "医生" in article.xpath(".//*[@class='said-in']")[0].xpath("string()")
    everything = await desk.get(INBOX)
    assert len(_ids(everything)) == 12
    assert PHONE not in everything.text
    assert "\u202e" not in everything.text
    assert "&lt;b&gt;停车" in everything.text
    assert _ids(await desk.get("/desk/inbox")) == _ids(everything)


async def test_inbox_without_statements_and_without_what_is_looked_for(desk: httpx.AsyncClient) -> None:
    assert "Nothing has been written yet." in words_in(await desk.get(INBOX))
    assert "No statement fits this choice." in words_in(await desk.get(f"{INBOX}?q=x"))
    assert "Everything has been read" in words_in(await desk.get("/desk/inbox"))


async def test_filters_combine_and_what_is_unknown_is_left_open(desk: httpx.AsyncClient, texts: dict[str, str]) -> None:
    survey = await find_survey("community-needs")
    doctor, korean = await _one(f"{DOCTOR}, call me: [电话]"), await _one(KOREAN)
    async with write_transaction(Theme):
        figures = {"people": 12, "statements": 12, "languages": "{}", "keywords": "{}", "quotes": "[]", "public_quotes": "[]"}
        rows = await Theme.insert(
            Theme(public_id="a-theme", survey=survey.id, key="health", category="health", state="proposed", names='{"en":"Doctors"}', **figures)
        ).returning(Theme.id)
        for one in (doctor, korean):
            await Assignment.insert(Assignment(statement=one["id"], theme=rows[0]["id"], score=1.0, author="model"))
    async with write_transaction(Statement):
        await flag_responses([doctor["response"]], "abuse")  # type: ignore[list-item]  # a text
        await show_flags([doctor["response"]])  # type: ignore[list-item]  # a text

    async def found(query: str) -> set[str]:
        return set(_ids(await desk.get(f"{INBOX}?{query}")))

    both = {doctor["public_id"], korean["public_id"]}
    assert await found("theme=a-theme") == both
    assert await found("theme=a-theme&language=en") == {doctor["public_id"]}
    assert await found("state=flagged") == await found("state=personal_data") == {doctor["public_id"]}
    assert await found("state=flagged&language=ko") == set()
    assert await found("state=unsorted") == set(texts.values()) - both
    assert await found("state=unsorted&area=maizidian") == {texts["<b>停车</b>太难了"]}
    assert await found("q=parking&language=ko") == {key for text, key in texts.items() if "주차" in text}
    assert await found("state=needs_rendering&q=医生") == both
    assert await found("state=read") == set()
    everything = set(texts.values())
    for odd in ("state=x", "language=tlh", "area=9999", "channel=x", "wave=abc", "theme=x", "after=x", "q=", "state=new", "wave=1"):
        assert await found(odd) == everything, odd
    assert await found("q=%22%22") == set()
    page = words_in(await desk.get(f"{INBOX}?state=flagged"))
    assert "abusive words" in page
    assert "Doctors" in page


async def test_older_statements_follow_by_key_and_acts_lead_back_to_their_place(
    desk: httpx.AsyncClient, texts: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.inbox.queries.PAGE", 5)
    first = await desk.get(f"{INBOX}?language=ko")
    [further] = re.findall(r'rel="next" href="([^"]+)"', first.text)
    second = await desk.get(further.replace("&amp;", "&"))

    newest_first = [row["public_id"] for row in await Statement.select(Statement.public_id).where(Statement.language == "ko").order_by(Statement.id, ascending=False)]
    assert _ids(first) + _ids(second) == newest_first
    [form] = parsed(second).xpath(f"//form[contains(@action, '{newest_first[6]}/reading')]")
    fields = {one.get("name"): one.get("value") for one in form.xpath(".//input | .//button")}
    answer = await desk.post(form.get("action"), data=fields)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{further.replace('&amp;', '&')}#s-{newest_first[7]}"
    assert (await Statement.select(Statement.reading).where(Statement.public_id == newest_first[6]).first()) == {"reading": "read"}
    again = await desk.post(form.get("action"), data={"step": "new", "back": "https://evil.example"})
    assert again.headers["location"] == f"/desk/inbox#s-{newest_first[6]}"
    assert newest_first[6] in _ids(await desk.get(f"{INBOX}?state=new&language=ko&after={newest_first[5]}"))


async def test_place_and_day_are_told_only_where_they_point_to_nobody(desk: httpx.AsyncClient, texts: dict[str, str]) -> None:
    """Ten answered in Korean from Wangjing: area and month. One did in English: the month alone. A day only where no area is known."""
    await Statement.update({Statement.received_on: "2026-03-05"}, force=True)

    def about(page: httpx.Response, public_id: str) -> str:
        [found] = parsed(page).xpath(f"//article[@id='s-{public_id}']//p[contains(@class, 'about')]")
        return " ".join("".join(found.itertext()).split())

    page = await desk.get(INBOX)
    korean, english = about(page, texts[KOREAN]), about(page, texts[f"{DOCTOR}, call me: [电话]"])
    assert "Wangjing" in korean
    assert "March 2026" in korean
    assert "Mar 5, 2026" not in korean
    assert "Wangjing" not in english
    assert "March 2026" in english
    await Statement.update({Statement.area: 0}).where(Statement.public_id == texts[KOREAN])
    nowhere = about(await desk.get(INBOX), texts[KOREAN])
    assert "Wangjing" not in nowhere
    assert "Mar 5, 2026" in nowhere


async def test_rendering_is_written_accepted_and_taken_back(desk: httpx.AsyncClient, texts: dict[str, str]) -> None:
    address = f"/desk/statements/{texts[KOREAN]}"
    pages = PageClient(desk)
    page = await pages.get(f"{address}?back={INBOX}")
    assert "leave what is masked masked" in page.response.text

    empty = await desk.post(f"{address}/rendering", data={"text": " ", "step": "store", "back": INBOX})
    assert empty.status_code == 422
    assert "Write what the text says in Chinese." in words_in(empty)
    long = await desk.post(f"{address}/rendering", data={"text": "长" * 20_001, "step": "store"})
    assert (long.status_code, "长" * 20_001 in long.text) == (422, True)
    stored = await desk.post(f"{address}/rendering", data={"text": "希望有会说韩语的医生", "step": "store", "back": INBOX})
    assert (stored.status_code, stored.headers["location"]) == (303, f"{INBOX}#s-{texts[KOREAN]}")
    desk.cookies.set("desk_language", "zh-Hans")  # who reads Chinese sees what is to be accepted
    waiting = await desk.get(f"{INBOX}?state=to_accept")
    [form] = etree.HTML(waiting.text).xpath("//form[contains(@action, '/accept')]")
    accepted = await desk.post(form.get("action"), data={one.get("name"): one.get("value") for one in form.xpath(".//input")})
    assert accepted.status_code == 303
    statement = await _one(KOREAN)
    [version] = (await versions_of([statement["id"]]))[statement["id"]]  # type: ignore[list-item,index]  # a number
    assert version.is_accepted
    await desk.post(f"{address}/accept", data={"rendering": str(version.id), "step": "take_back"})
    assert (await _one(KOREAN))["rendering"] == "proposed"
    for odd in ("", "x", "999999", "²"):
        assert (await desk.post(f"{address}/accept", data={"rendering": odd})).status_code in {404, 422}
    assert await Rendering.count() == 1


async def test_mask_page_shows_lifts_masks_and_confirms(desk: httpx.AsyncClient, texts: dict[str, str]) -> None:
    public_id = texts[f"{DOCTOR}, call me: [电话]"]
    address = f"/desk/statements/{public_id}/mask"
    pages = PageClient(desk)
    page = await pages.get(f"{address}?back={INBOX}")
    assert [mark.text for mark in page.root.xpath("//mark")] == [PHONE]
    assert await AuditEvent.count().where(AuditEvent.action == "statement.unmasked") == 1

    def seen(response: httpx.Response) -> str:
        return re.findall(r'name="seen" value="([^"]*)"', response.text)[0]

    key = seen(page.response)
    wrong = await desk.post(address, data={"seen": key, "more": "nobody wrote this", "step": "store"})
    assert (wrong.status_code, "nobody wrote this" in wrong.text) == (422, True)
    early = await desk.post(address, data={"seen": key, "lifted": "0", "step": "confirm"})
    assert (early.status_code, "Store what you changed first" in early.text) == (422, True)
    more = await desk.post(address, data={"seen": key, "more": "doctor\n", "step": "store", "back": INBOX})
    assert more.status_code == 303
    assert (await Statement.select(Statement.redacted).where(Statement.public_id == public_id).first()) == {
        "redacted": f"{DOCTOR}, call me: [电话]".replace("doctor", "[个人信息]")
    }
    stale = await desk.post(address, data={"seen": key, "step": "confirm"})
    assert stale.status_code == 422
    confirmed = await desk.post(address, data={"seen": seen(await desk.get(address)), "step": "confirm", "back": INBOX})
    assert (confirmed.status_code, confirmed.headers["location"]) == (303, f"{INBOX}#s-{public_id}")
    assert PHONE not in str(await Statement.select())
    assert "What was masked is gone for good" in words_in(await desk.get(address))


async def test_translators_queue_shows_a_text_and_nothing_about_its_writer(desk: httpx.AsyncClient, texts: dict[str, str]) -> None:
    await Statement.update({Statement.received_on: "2026-03-05"}, force=True)
    account = await Account.select(Account.id).where(Account.name == "chen").first()
    assert account
    await Role.update({Role.kind: RoleKind.VOLUNTEER}).where(Role.account == account["id"])
    pages = PageClient(desk)
    page = await pages.get("/desk/renderings?lang=en")
    text = words_in(page.response)

    assert f"{DOCTOR}, call me: [电话]" in text
    for told in ("Wangjing", "2026", "March", PHONE):
        assert told not in text
    public_id = texts[f"{DOCTOR}, call me: [电话]"]
    empty = await desk.post("/desk/renderings", data={"statement": public_id, "text": "…", "tongue": "en"})
    assert (empty.status_code, ">…</textarea>" in empty.text) == (422, True)
    sent = await desk.post("/desk/renderings", data={"statement": public_id, "text": "希望有说英语的医生", "tongue": "en"})
    assert sent.headers["location"] == f"/desk/renderings?lang=en&done=sent&after={public_id}"
    rows = await Rendering.select(Rendering.text, Rendering.author_kind, Rendering.accepted_at)
    assert rows == [{"text": "希望有说英语的医生", "author_kind": "volunteer", "accepted_at": None}]
    assert "Nothing waits in English" in words_in(await desk.get(sent.headers["location"]))
    # What is left out comes again at the end.
    korean = [row["public_id"] for row in await Statement.select(Statement.public_id).where(Statement.language == "ko").order_by(Statement.id)]
    assert f'value="{korean[1]}"' in (await desk.get(f"/desk/renderings?after={korean[0]}&lang=ko")).text
    assert f'value="{korean[0]}"' in (await desk.get(f"/desk/renderings?after={korean[-1]}&lang=ko")).text
    # Everything else is shut.
    for address in (INBOX, "/desk/inbox", f"/desk/statements/{public_id}", f"/desk/statements/{public_id}/mask"):
        assert (await desk.get(address)).status_code == 404
    for act, fields in (("rendering", {"text": "好"}), ("reading", {}), ("accept", {"rendering": "1"}), ("mask", {"step": "confirm"})):
        assert (await desk.post(f"/desk/statements/{public_id}/{act}", data=fields)).status_code == 404
    gone = await desk.post("/desk/renderings", data={"statement": "0" * 20, "text": "好"})
    assert gone.headers["location"] == "/desk/renderings?done=gone"


async def test_reader_of_a_part_sees_statements_of_their_areas_alone(desk: httpx.AsyncClient, texts: dict[str, str]) -> None:
    areas = await area_ids()
    account = await Account.select(Account.id).where(Account.name == "chen").first()
    assert account
    board = INBOX.replace("/inbox", "/themes")
    assert f'href="{board}"' in (await desk.get(INBOX)).text
    await Role.update({Role.area: areas["maizidian"]}).where(Role.account == account["id"])
    mine, others = texts["<b>停车</b>太难了"], texts[KOREAN]

    assert _ids(await desk.get(INBOX)) == _ids(await desk.get("/desk/inbox")) == [mine]
    assert f'href="{board}"' not in (await desk.get(INBOX)).text  # out of their reach: no link leads to a page that is not there
    assert _ids(await desk.get(f"{INBOX}?area=wangjing")) == [mine]  # not an area of theirs: not known
    assert (await desk.get(f"/desk/statements/{mine}")).status_code == 200
    there, nowhere = await desk.get(f"/desk/statements/{others}"), await desk.get("/desk/statements/unknown")
    assert (there.status_code, there.text.replace(others, "unknown")) == (404, nowhere.text)
    assert (await desk.post(f"/desk/statements/{others}/reading", data={"step": "read"})).status_code == 404
    assert (await _one(KOREAN))["reading"] == "new"


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_strangers_change_nothing(desk: httpx.AsyncClient, texts: dict[str, str], stranger: str) -> None:
    before = await Statement.select().order_by(Statement.id)
    public_id = texts[f"{DOCTOR}, call me: [电话]"]
    estrange(desk, stranger)

    for address, fields in (
        (f"/desk/statements/{public_id}/reading", {"step": "read"}),
        (f"/desk/statements/{public_id}/rendering", {"text": "好", "step": "accept"}),
        (f"/desk/statements/{public_id}/mask", {"step": "store", "lifted": "0"}),
        ("/desk/renderings", {"statement": public_id, "text": "好"}),
    ):
        answer = await desk.post(address, data=fields)
        assert answer.status_code in {303, 403}
        assert answer.headers.get("location", "/login").startswith("/login")
    assert await Statement.select().order_by(Statement.id) == before
    assert await Rendering.count() == 0


async def test_withdrawn_statement_is_gone_from_every_page(desk: httpx.AsyncClient) -> None:
    survey: SurveyView = await find_survey("community-needs")
    gone, _ = await record(survey, [Person(need=NOISE), Person(need=PARKING)])
    await prepare_statements(survey.id)
    [newest, oldest] = _ids(await desk.get(INBOX))
    await withdraw(gone.code)

    left = _ids(await desk.get(INBOX))
    [lost] = {newest, oldest} - set(left)
    assert (await desk.get(f"/desk/statements/{lost}")).status_code == 404
    assert _ids(await desk.get(f"{INBOX}?after={lost}")) == left


async def test_inbox_of_a_social_worker_has_no_acts_that_decide(client: httpx.AsyncClient) -> None:
    await seat(client, "wang", RoleKind.SOCIAL_WORKER)
    survey = await bundled_survey("second")
    await record(survey, [Person(need=KOREAN)])
    await prepare_statements(survey.id)

    page = await client.get("/desk/surveys/second/inbox")

    assert "Write a rendering" in page.text
    assert "/reading" not in page.text
    assert "/mask" not in page.text
