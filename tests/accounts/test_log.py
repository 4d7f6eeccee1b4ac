"""The log of acts as auditors read it."""

from __future__ import annotations

import httpx

from survey import clock
from survey.accounts.rules import RoleKind
from survey.audit.queries import PAGE
from survey.audit.service import intake_line, record_act
from survey.audit.tables import AuditEvent
from survey.db.bulk import write_rows
from survey.db.transaction import write_transaction
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
    assert rows[0] == ["—", "—", "answers received · fewer than 10", "survey:1"]
    assert rows[1] == ["ada", "administrator", "survey closed", "survey:1"]
    assert rows[2] == ["chen", "committee member", "theme accepted", f"theme:{PAGE + 4}"]
    assert _cells(older.root.xpath("//tbody/tr")[0])[-1] == "theme:6"
    assert len(adas.words("//tbody/tr")) == 1
    assert [_cells(row) for row in (await pages.get("/desk/log?before=nonsense")).root.xpath("//tbody/tr")] == rows
    assert (await pages.get("/desk/log?person=nobody")).words("//*[@class='empty']") == ["Nothing is recorded here."]


def _cells(row: Element) -> list[str]:
    """All but the time."""
    return ["".join(cell.itertext()).strip() for cell in row][1:]
