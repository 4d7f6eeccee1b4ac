import io
import json
from pathlib import Path

import pytest
from docx import Document

from survey.accounts.rules import RoleKind
from survey.accounts.service import create_account
from survey.plans.service import create_plan
from survey.themes.service import decide
from survey.themes.states import EventKind
from tests.cli.conftest import Linsheng, in_database
from tests.conftest import bundled_survey
from tests.voices import DOCTOR, Person, actor_named, analyse, record, themes_by_key, use_three_needs


@pytest.fixture
def plan(linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a plan with one theme of 23 people."""
    use_three_needs(monkeypatch)

    async def make() -> str:
        await create_account(name="chen", roles=[(RoleKind.COMMITTEE, None)])
        survey, chen = await bundled_survey(), await actor_named("chen")
        await record(survey, [Person(need=DOCTOR) for _ in range(23)])
        await decide((await analyse(survey))["health.doctor_language"], EventKind.ACCEPT, actor=chen)
        themes = list((await themes_by_key(survey)).values())
        made = await create_plan(survey_id=survey.id, title="Plan 2026", themes=themes, actor=chen)
        return made.public_id

    return str(in_database(make))


def test_list_without_plans_says_how_one_is_made(linsheng: Linsheng) -> None:
    assert linsheng("plan", "list").out == "No plans yet. Make one at the desk, of accepted themes.\n"


def test_list_gives_the_ids_that_export_takes(linsheng: Linsheng, plan: str) -> None:
    assert linsheng("plan", "list").out == f"{plan}\tPlan 2026\n"


def test_export_writes_every_format_the_same_way_twice(linsheng: Linsheng, plan: str, tmp_path: Path) -> None:
    for kind in ("docx", "xlsx", "csv", "json"):
        one, two = tmp_path / f"one.{kind}", tmp_path / f"two.{kind}"

        result = linsheng("plan", "export", plan, "--format", kind, "--out", one)
        linsheng("plan", "export", plan, "--format", kind, "--out", two)

        assert result.out == f"Written to {one}.\n"
        assert one.read_bytes() == two.read_bytes()
    assert json.loads((tmp_path / "one.json").read_bytes())["entries"][0]["people"] == 25


@pytest.mark.parametrize(("language", "theme"), [("zh-Hans", "会说我们语言的医生"), ("en", "Doctors who speak our language")])
def test_export_speaks_the_language_asked_for(linsheng: Linsheng, plan: str, tmp_path: Path, language: str, theme: str) -> None:
    linsheng("plan", "export", plan, "--format", "docx", "--language", language, "--out", tmp_path / "plan.docx")

    document = Document(io.BytesIO((tmp_path / "plan.docx").read_bytes()))
    assert document.tables[0].rows[1].cells[1].text == theme


def test_export_that_cannot_be_done_is_one_line(linsheng: Linsheng, plan: str, tmp_path: Path) -> None:
    nowhere = tmp_path / "no" / "plan.docx"

    assert linsheng("plan", "export", "nowhere", "--format", "docx", "--out", tmp_path / "x").problem == "There is no such plan."
    assert linsheng("plan", "export", plan, "--format", "docx", "--out", nowhere).problem == f"{nowhere} cannot be written: No such file or directory."
    assert list(tmp_path.glob("x*")) == []
