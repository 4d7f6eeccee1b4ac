"""Complaints about staff: they come by a tick on the survey, and reach everybody but those whom they are about."""

from __future__ import annotations

import httpx
import pytest

from survey.accounts.rules import RoleKind
from survey.authoring.queries import find_survey
from survey.responses.corrections import correct
from survey.statements.queries import list_statements
from survey.statements.renderings import render_by_machine
from survey.statements.service import prepare_statements
from survey.statements.tables import Statement
from survey.themes.queries import newest_run, unplaced_statements, unsorted_page
from survey.themes.runs import recount_themes
from tests.conftest import add_account, seat, sign_in
from tests.pages import PageClient
from tests.voices import DOCTOR, Person, analyse, record, use_three_needs

ABOUT = {
    "the guard shouted": ["property"], "he laughed at me": ["committee"], "she sent me away": ["service_station", "property"],
    "nobody answered": ["subdistrict"], "it was somebody": ["elsewhere"], "no idea who": [],
}  # fmt: skip
READ = {
    RoleKind.COMMITTEE: ["the guard shouted"],
    RoleKind.SOCIAL_WORKER: ["the guard shouted"],
    RoleKind.SUBDISTRICT: ["she sent me away", "he laughed at me", "the guard shouted"],
    RoleKind.ADMINISTRATOR: list(reversed(ABOUT)),
    RoleKind.AUDITOR: list(reversed(ABOUT)),
}


async def _complain(client: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    people = [
        Person(need=DOCTOR, more={"complaint": ["yes"], "complaint_about": bodies, "complaint_words": f"{words}. {words}, all of them!"})
        for words, bodies in ABOUT.items()
    ]
    await record(survey, people)
    await prepare_statements(survey.id)


async def _read(pages: PageClient, address: str = "/desk/conduct") -> list[str]:
    page = await pages.get(address)
    return [words.split(".")[0] for words in page.words("//*[@class='note new']//*[contains(@class, 'said-in')]")]


@pytest.mark.parametrize("role", list(READ))
async def test_complaints_are_read_by_all_but_those_whom_they_are_about(client: httpx.AsyncClient, role: RoleKind):
    await _complain(client)
    await seat(client, "vera", role)
    pages = PageClient(client)

    assert await _read(pages) == READ[role]
    hidden = await Statement.select(Statement.public_id, Statement.original).where(Statement.audience != "")
    for row in hidden:
        is_read = row["original"].split(".")[0] in READ[role]
        for path in ("", "/mask"):
            response = await client.get(f"/desk/statements/{row['public_id']}{path}")
            may_open = is_read and (not path or role not in {RoleKind.SOCIAL_WORKER, RoleKind.AUDITOR})
            assert response.status_code == (200 if may_open else 404)
        written = await client.post(f"/desk/statements/{row['public_id']}/rendering", data={"text": "他们大喊大叫"})
        assert written.status_code == (303 if is_read and role != RoleKind.AUDITOR else 404)


async def test_complaints_are_in_no_inbox_no_search_no_queue_and_no_theme(client: httpx.AsyncClient):
    await _complain(client)
    await seat(client, "ada", RoleKind.ADMINISTRATOR)
    pages = PageClient(client)

    for address in ("/desk/inbox", "/desk/inbox?q=shouted", "/desk/surveys/community-needs/inbox", "/desk/renderings"):
        assert "shouted" not in "".join((await pages.get(address)).words("//article | //blockquote | //*[contains(@class, 'said-in')]")), address
    assert {view.text for view in await list_statements((await find_survey("community-needs")).id)} == {DOCTOR}


async def test_complaints_are_in_no_analysis(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch):
    use_three_needs(monkeypatch)
    survey = await find_survey("community-needs")
    await analyse(survey)
    await _complain(client)
    await recount_themes(survey.id)

    themes = await analyse(survey)

    run = await newest_run(survey.id)
    assert run is not None
    assert (run.figures["people"], run.figures["statements"], run.figures["unsorted"]) == (len(ABOUT), len(ABOUT), 0)
    assert {theme.people for theme in themes.values()} <= {0, len(ABOUT)}
    assert (await unsorted_page(survey.id)).ids == []
    assert await unplaced_statements(survey.id) == []


async def test_translators_and_partners_have_no_such_page(client: httpx.AsyncClient):
    await _complain(client)
    for name, role in (("tina", RoleKind.TRANSLATOR), ("vera", RoleKind.VOLUNTEER), ("kim", RoleKind.PARTNER)):
        await add_account(name, role)
        await sign_in(client, name)
        assert (await client.get("/desk/conduct")).status_code == 404


async def test_a_complaint_stays_whole_is_marked_read_and_leads_back(client: httpx.AsyncClient):
    await _complain(client)
    await seat(client, "ada", RoleKind.ADMINISTRATOR)
    pages = PageClient(client)
    page = await pages.get("/desk/conduct")
    texts = page.words("//*[contains(@class, 'said-in')]")
    [first] = [action for action in page.root.xpath("//form/@action") if action.endswith("/reading")][:1]

    answer = await pages.send(first, {"step": "read", "back": "/desk/conduct?state=new"})

    assert texts[0] == "no idea who. no idea who, all of them!"
    assert page.words("(//article)[1]//*[@class='tag']") == ["does not say about whom"]
    assert page.words("(//article)[3]//*[@class='tag']") == ["subdistrict office"]
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/desk/conduct?state=new#s-")
    assert len(await _read(pages, "/desk/conduct?state=new")) == len(ABOUT) - 1


async def test_a_corrected_complaint_goes_where_it_belongs_now(client: httpx.AsyncClient):
    """The committee was meant, and not the property office: what the committee had read is gone from its page."""
    survey = await find_survey("community-needs")
    more = {"complaint": ["yes"], "complaint_about": ["property"], "complaint_words": "They were rude"}
    [receipt] = await record(survey, [Person(need=DOCTOR, more=more)])
    await prepare_statements(survey.id)
    await seat(client, "chen")
    pages = PageClient(client)
    before = await _read(pages)

    raw = {**more, "complaint_about": ["committee"], "subdistrict": "wangjing", "time_in_beijing": "2_to_5_years", "origin": "another_country"}
    await correct(receipt.code, raw={**raw, "need_most": DOCTOR}, language="en", revision=0)
    await prepare_statements(survey.id)

    assert before == ["They were rude"]
    assert await _read(pages) == []
    assert (await pages.get("/desk/conduct")).words("//*[@class='empty']/p") == ["No complaint that you may read."]


class _Machine:
    name = "stand-in"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def speaks(self, language: str) -> bool:
        return True

    async def translate(self, texts: list[str], language: str) -> list[str]:
        self.asked += texts
        return ["机器译文"] * len(texts)


async def test_the_machine_renders_complaints_too(client: httpx.AsyncClient):
    await _complain(client)
    machine = _Machine()

    done = await render_by_machine((await find_survey("community-needs")).id, machine)

    assert done == 2 * len(ABOUT)
    assert sum("shouted" in text for text in machine.asked) == 1
