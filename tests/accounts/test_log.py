"""The log of acts as auditors read it."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

from survey import clock
from survey.accounts.rules import RoleKind
from survey.audit.queries import PAGE
from survey.audit.service import intake_line, record_act
from survey.audit.tables import AuditEvent
from survey.authoring.states import Access
from survey.db.bulk import write_rows
from survey.db.transaction import write_transaction
from survey.themes.states import EventKind
from tests.conftest import seat
from tests.pages import Element, PageClient


async def test_acts_are_read_newest_first_page_by_page_and_by_person(client: httpx.AsyncClient):
    await seat(client, "olga", RoleKind.AUDITOR)
    async with write_transaction(AuditEvent):
        for number in range(PAGE + 5):
            await record_act(actor="chen", role="committee", action="theme.accept", subject=f"theme:{number}")
        await record_act(actor="ada", role="administrator", action="survey.closed", subject="survey:1")
        await write_rows(intake_line(subject="survey:1", day=clock.today(), total=7))
    pages = PageClient(client)

    newest = await pages.get("/desk/log")
    older = await pages.get(newest.root.xpath("//a[text()='Older']/@href")[0].replace("?", "/desk/log?", 1))
    adas = await pages.get("/desk/log?person=ada")

    rows = [_cells(row) for row in newest.root.xpath("//tbody/tr")]
    assert len(rows) == PAGE
    assert rows[0] == ["—", "—", "answers received · fewer than 10", "Survey 1"]
    assert rows[1] == ["ada", "administrator", "survey closed", "Survey 1"]
    assert rows[2] == ["chen", "committee member", "theme accepted", f"Theme {PAGE + 4}"]
    assert _cells(older.root.xpath("//tbody/tr")[0])[-1] == "Theme 6"
    assert len(adas.words("//tbody/tr")) == 1
    assert [_cells(row) for row in (await pages.get("/desk/log?before=nonsense")).root.xpath("//tbody/tr")] == rows
    assert (await pages.get("/desk/log?person=nobody")).words("//*[@class='empty']") == ["Nothing is recorded here."]


def _cells(row: Element) -> list[str]:
    """All but the time."""
    return ["".join(cell.itertext()).strip() for cell in row][1:]


PROJECT = Path(__file__).parent.parent.parent
RECORDED = re.compile(r'"((?:account|session|role|survey|responses?|channel|invitations|event|statement|rendering|theme|lexicon|review|plan|facility)\.[a-z_]+)"')


def test_every_act_that_is_recorded_has_words():
    """Acts made of a state or a kind (`theme.{kind}`) are told by their enumerations."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in (PROJECT / "survey").rglob("*.py") if path.name not in {"routes.py", "app.py"} and not path.name.endswith("_routes.py"))
    written = {match for match in RECORDED.findall(source) if f'action="{match}"' in source or f'_record(actor, "{match}"' in source}
    told = set(re.findall(r'"([a-z_.]+)": _\(', (PROJECT / "frontend/templates/components/acts_in_words.html").read_text(encoding="utf-8")))
    kinds = {f"theme.{kind}" for kind in EventKind} | {f"survey.{state}" for state in ("open", "closed")} | {f"survey.access.{access}" for access in Access}

    assert len(written) >= 25
    assert (written | kinds) - told == set()


def test_every_thing_that_an_act_is_about_has_a_name():
    source = "\n".join(path.read_text(encoding="utf-8") for path in (PROJECT / "survey").rglob("*.py"))
    subjects = set(re.findall(r'subject=f"([a-z_]+):', source))
    named = set(re.findall(r'"([a-z_]+)": _\(', (PROJECT / "frontend/templates/desk/log.html").read_text(encoding="utf-8")))

    assert len(subjects) >= 12
    assert subjects - named == set()
