"""`linsheng demo`, built once for all tests; and what an operator then does with it on the command line."""

from __future__ import annotations

import io
import json
import re
import shutil
import stat
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from docx import Document

from survey.accounts.areas import SOURCE_2010
from survey.accounts.service import sign_in as check_password
from survey.app import create_app
from survey.authoring.queries import find_survey
from survey.authoring.waves import list_waves
from survey.insight.facilities import list_facilities, resources_per_1000
from survey.insight.service import find_chart
from survey.outreach.service import list_channels
from survey.plans.service import create_plan
from survey.responses.queries import count_complete, count_responses, counts_by_area, counts_by_language, counts_by_wave
from survey.settings import Settings
from survey.themes.agenda import load_agenda
from survey.themes.alerts import list_alerts
from survey.themes.meetings import find_meeting, list_meetings
from survey.themes.queries import list_themes, newest_run
from survey.themes.service import decide
from survey.themes.states import EventKind
from tests.cli.conftest import Linsheng, in_database
from tests.conftest import Demonstration, running
from tests.pages import check_page
from tests.voices import actor_named, words_of

SLUG = "community-needs"


@pytest.fixture(scope="session")
def demo(demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """A copy, which may be started again."""
    folder = shutil.copytree(demonstration.folder, tmp_path_factory.mktemp("copy") / "demo")
    return demonstration._replace(folder=folder, said=demonstration.said.replace(str(demonstration.folder), str(folder)))


def _accounts(demo: Demonstration) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((demo.folder / "accounts.json").read_bytes())
    return found


@pytest.fixture
def on_demo(demo: Demonstration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linsheng: Linsheng) -> Linsheng:
    """Commands on a copy of the demo's database."""
    shutil.copy(demo.folder / "linsheng.sqlite", tmp_path / "demo.sqlite")
    monkeypatch.setenv("LINSHENG_DATABASE", f"sqlite:///{tmp_path / 'demo.sqlite'}")
    monkeypatch.setenv("LINSHENG_SECRET", (demo.folder / "secret").read_text())
    return linsheng


def test_demo_says_where_to_look_and_with_which_accounts(demo: Demonstration) -> None:
    lines = demo.said.splitlines()

    assert lines[0] == "Residents:  http://127.0.0.1:8000/s/community-needs"
    assert lines[1] == "Desk:       http://127.0.0.1:8000/desk"
    for line, account in zip(lines[2:11], _accounts(demo), strict=True):
        assert line.strip() == f"{account['name']} / {account['password']}   ({account['role']})"
    assert "All answers are fictional." in demo.said
    assert demo.seconds < 180


def test_demo_leaves_three_files_that_only_its_owner_may_read_where_they_are_secret(demo: Demonstration) -> None:
    assert sorted(path.name for path in demo.folder.iterdir()) == ["accounts.json", "linsheng.sqlite", "secret"]
    for name in ("accounts.json", "secret"):
        assert stat.S_IMODE((demo.folder / name).stat().st_mode) == 0o600


def test_demo_accounts_are_listed_for_scripts_and_can_sign_in(demo: Demonstration, on_demo: Linsheng) -> None:
    accounts = _accounts(demo)

    async def enter() -> list[bool]:
        return [
            await check_password(name=account["name"], password=account["password"], secret="x" * 32) is not None
            for account in accounts
        ]

    assert [sorted(account) for account in accounts] == [["name", "password", "role"]] * 9
    assert [account["role"] for account in accounts] == [
        "administrator", "committee", "subdistrict", "volunteer", "partner", "committee", "social_worker", "social_worker", "auditor",
    ]  # fmt: skip
    assert in_database(enter) == [True] * 9


def test_demo_holds_six_hundred_answers_in_ten_languages_and_all_subdistricts(on_demo: Linsheng) -> None:
    async def look() -> dict[str, Any]:
        survey = await find_survey(SLUG)
        return {
            "state": (survey.state, survey.is_fictional),
            "counts": (await count_responses(survey.id), await count_complete(survey.id)),
            "languages": len(await counts_by_language(survey.id)),
            "areas": len(set(await counts_by_area(survey.id)) - {0}),
            "channels": [channel["code"] for channel in await list_channels(survey.id)],
        }

    found = in_database(look)

    assert isinstance(found, dict)
    assert found["areas"] == 23
    assert {name: found[name] for name in ("state", "counts", "languages", "channels")} == {
        "state": ("open", True),
        "counts": (600, 600),
        "languages": 10,
        "channels": ["hanguk", "wuye"],
    }


def test_demo_is_analysed_and_drawn(on_demo: Linsheng) -> None:
    async def look() -> tuple[list[Any], Any, list[Any]]:
        survey = await find_survey(SLUG)
        charts = [await find_chart(survey.id, "themes", tag) for tag in ("zh-Hans", "en")]
        return await list_themes(survey.id), await newest_run(survey.id), charts

    themes, run, charts = in_database(look)  # type: ignore[misc]

    assert sum(theme.people >= 10 and not theme.is_rest for theme in themes) >= 10
    assert {theme.key: theme.state for theme in themes if theme.state != "proposed"} == {"residence_documents.police_registration": "accepted"}
    assert run.figures["unsorted"] < 0.4 * run.figures["statements"]
    assert set(run.figures["languages"]) >= {"ko", "ja", "ru", "ar", "en", "fr", "de", "es", "zh-Hans", "zh-Hant"}
    assert all(chart is not None for chart in charts)


def test_demo_shows_how_unevenly_facilities_are_spread(on_demo: Linsheng) -> None:
    async def look() -> Any:
        found = await resources_per_1000(None, "zh-Hans", "其他街道")
        return found, await find_chart((await find_survey(SLUG)).id, "resources", "zh-Hans"), await list_facilities(None)

    found, chart, register = in_database(look)  # type: ignore[misc]

    areas, figure = found
    assert (figure.as_of.year, figure.source) == (2010, SOURCE_2010)
    assert [area.name for area in areas if area.is_pooled] == ["其他街道"]
    assert min(area.foreign for area in areas) >= 100
    assert {"首都机场街道", "垡头街道", "安贞街道"}.isdisjoint(area.name for area in areas)
    assert chart is not None
    # the library of the paper is the only one that is not made up
    assert [one.code for one in register if "虚构" not in one.names["zh-Hans"] or "fictional" not in one.names["en"]] == ["wangjing-library"]


async def test_demo_committee_reads_minutes_and_decides_at_the_open_meeting(demo: Demonstration, tmp_path: Path) -> None:
    """One meeting is over, with an absent member, dissent and somebody who stood aside; at the other the committee's vote is the last."""
    shutil.copy(demo.folder / "linsheng.sqlite", tmp_path / "demo.sqlite")
    settings = Settings(database=f"sqlite:///{tmp_path / 'demo.sqlite'}", secret=(demo.folder / "secret").read_text())
    committee = _accounts(demo)[1]
    async with running(create_app(settings)) as client:
        client.headers["origin"] = "http://127.0.0.1:8000"
        await client.post("/login", data={"name": committee["name"], "password": committee["password"]})
        survey = await find_survey(SLUG)
        still_open, over = await list_meetings(survey.id)
        minutes = await client.get(f"/desk/reviews/{over.public_id}/minutes/docx")
        document = Document(io.BytesIO(minutes.content))
        texts = "\n".join(paragraph.text for paragraph in document.paragraphs)
        seats = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
        assert minutes.status_code == 200
        assert [seat[-1] for seat in seats if "李静" in seat] == ["缺席"]
        for told in ("应先把多语种说明发到物业和中介", "本人所在单位承接服务站的翻译项目", "来问的人多是刚搬家的"):
            assert told in texts
        [decided] = await load_agenda(await find_meeting(over.public_id))
        assert msgspec.structs.astuple(decided.record.count) == (4, 3, 2, 1, 0, 1, 0, 3)
        assert (decided.decision.is_passed, decided.decision.is_applied) == (True, True)  # type: ignore[union-attr]

        page = f"/desk/reviews/{still_open.public_id}"
        parking, notices = await load_agenda(await find_meeting(still_open.public_id))
        assert (parking.silent, notices.item.draft.motion, notices.decision) == (["committee"], "", None)
        assert check_page(await client.get(page)).status == 200
        at, motion = f"{page}/agenda/{parking.item.public_id}", parking.item.draft
        fields = {
            "step": "close", "revision": str(parking.item.revision), "motion_text": motion.motion, "act": motion.act,
            "options": "\n".join(motion.options), "reason": motion.reason,
        }  # fmt: skip
        assert (await client.post(at, data=fields)).status_code == 409  # somebody has not voted yet
        await client.post(f"{at}/vote", data={"choice": "for", "words": "", "motion": str(parking.item.motion_revision)})
        await client.post(at, data=fields)
        parking, _ = await load_agenda(await find_meeting(still_open.public_id))
        assert (parking.item.is_closed, parking.theme.state) == (True, "accepted")  # type: ignore[union-attr]
def test_demo_has_two_waves_and_a_need_that_rises(on_demo: Linsheng) -> None:
    async def look() -> tuple[Any, Any, Any, Any]:
        survey = await find_survey(SLUG)
        chart = await find_chart(survey.id, "waves", "en")
        return await list_waves(survey), await counts_by_wave(survey.id), await list_alerts(survey.id, "en"), chart

    waves, counts, alerts, chart = in_database(look)  # type: ignore[misc]

    assert [wave.label("en") for wave in waves] == ["Wave 1", "Wave 2 · Asked again"]
    assert (waves[1].started_on - waves[0].started_on).days == 84
    assert (sum(counts.values()), min(counts.values()) > 250) == (600, True)
    assert [(alert.wave, alert.is_rise, alert.seen_by) for alert in alerts] == [(2, True, "")]
    assert alerts[0].heading.startswith("“Too few parking spaces” rose: 5% of those who wrote in wave 1, 12% in wave 2")
    assert chart.title == "“Too few parking spaces” rose from 5% to 12% of those who wrote"


def test_demo_second_start_takes_seconds_and_keeps_everything(demo: Demonstration, linsheng: Linsheng) -> None:
    before = {path.name: path.read_bytes() for path in demo.folder.iterdir()}
    began = time.monotonic()

    result = linsheng("demo", "--no-serve", "--dir", demo.folder)

    assert (result.status, result.out) == (0, demo.said)
    assert time.monotonic() - began < 5
    assert {path.name: path.read_bytes() for path in demo.folder.iterdir()} == before


def test_demo_on_another_port_says_so(demo: Demonstration, linsheng: Linsheng) -> None:
    result = linsheng("demo", "--no-serve", "--dir", demo.folder, "--port", "8123")

    assert "Residents:  http://127.0.0.1:8123/s/community-needs\n" in result.out


def test_demo_that_lost_its_accounts_is_one_line(demo: Demonstration, linsheng: Linsheng, tmp_path: Path) -> None:
    folder = tmp_path / "lost"
    shutil.copytree(demo.folder, folder)
    (folder / "accounts.json").unlink()

    problem = linsheng("demo", "--no-serve", "--dir", folder).problem

    assert problem == f"{folder / 'accounts.json'} cannot be read any more, so nobody could sign in. Delete {folder} and start again."


def test_demo_where_no_folder_can_be_made_is_one_line(linsheng: Linsheng, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert linsheng("demo", "--no-serve", "--dir", tmp_path / "file" / "demo").problem == f"{tmp_path / 'file' / 'demo'} cannot be used: Not a directory."


def test_demo_names_the_packages_where_there_is_no_font(demo: Demonstration, linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.cli.demo.has_cjk_font", lambda: False)

    result = linsheng("demo", "--no-serve", "--dir", demo.folder)

    assert "Install them with: apt-get install -y fonts-noto-cjk fonts-noto-core\n" in result.out


async def test_demo_says_on_every_page_that_it_is_fictional(demo: Demonstration, tmp_path: Path) -> None:
    shutil.copy(demo.folder / "linsheng.sqlite", tmp_path / "demo.sqlite")
    settings = Settings(database=f"sqlite:///{tmp_path / 'demo.sqlite'}", secret=(demo.folder / "secret").read_text())
    committee = _accounts(demo)[1]
    async with running(create_app(settings)) as client:
        client.cookies.set("desk_language", "en")
        client.headers["origin"] = "http://127.0.0.1:8000"
        await client.post("/login", data={"name": committee["name"], "password": committee["password"]})
        theme = (await list_themes((await find_survey(SLUG)).id))[0]
        desk = f"/desk/surveys/{SLUG}"
        for path in (f"/s/{SLUG}?lang=en", desk, f"{desk}/themes", f"{desk}/unsorted", f"{desk}/plans/new", f"/desk/themes/{theme.public_id}"):
            response = await client.get(path)

            assert response.status_code == 200, path
            assert "fictional" in words_of(check_page(response).root), path
            assert _small_numbers(response) == [], path


def _small_numbers(response: httpx.Response) -> list[str]:
    """Cells of tables of people that tell of fewer than ten."""
    cells = [words_of(cell) for cell in check_page(response).all("//td[@class='n']")]
    return [cell for cell in cells if (found := re.match(r"(\d+)(?: ·|$)", cell)) and int(found[1]) < 10]


def test_main_job_from_the_command_line(on_demo: Linsheng, tmp_path: Path) -> None:
    """A theme is accepted and renamed, taken into a plan, and leaves as a document with its name, its n and a quote."""

    async def plan() -> tuple[str, int]:
        survey, wangjing = await find_survey(SLUG), await actor_named("committee")
        theme = next(theme for theme in await list_themes(survey.id) if theme.people >= 10 and not theme.is_rest)
        await decide(theme, EventKind.ACCEPT, actor=wangjing)
        await decide(theme, EventKind.RENAME, actor=wangjing, names={"zh-Hans": "最要紧的事"})
        accepted = [theme for theme in await list_themes(survey.id) if theme.state == "accepted"]
        made = await create_plan(survey_id=survey.id, title="二〇二六年行动计划", themes=accepted, actor=wangjing)
        return made.public_id, theme.people

    plan_id, people = in_database(plan)  # type: ignore[misc]
    exported = on_demo("plan", "export", plan_id, "--format", "docx", "--out", tmp_path / "plan.docx")

    document = Document(io.BytesIO((tmp_path / "plan.docx").read_bytes()))
    texts = [paragraph.text for paragraph in document.paragraphs]
    told = 5 * ((2 * people + 5) // 10)
    assert exported.status == 0
    assert on_demo("plan", "list").out == f"{plan_id}\t二〇二六年行动计划\n"
    assert "（一）最要紧的事" in texts
    assert any(re.search(rf"约\s?{told}\s?人", text) for text in texts)
    assert any(re.search(r"约\s?600\s?份|600", text) for text in texts)
    assert any(text.startswith("“") for text in texts)
    assert len(document.inline_shapes) == 1
