"""Service directories as files, and where people say that themes belong."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from analysis.lexicon.load import CATEGORIES
from survey.accounts.rules import Actor, RoleKind
from survey.app import create_app
from survey.audit.tables import AuditEvent
from survey.authoring.queries import SurveyView
from survey.db.columns import from_json
from survey.errors import Conflict, InputInvalid, NotAllowed, NotFound, SettingsInvalid
from survey.settings import Settings
from survey.themes.directories import Directory, find_directory, load_directories, read_directory
from survey.themes.mappings import map_theme, mapping_history, mappings_of
from survey.themes.queries import ThemeView, find_theme
from survey.themes.tables import DirectoryMapping
from tests.conftest import SECRET, bundled_survey
from tests.themes.review_voices import add_members, add_theme

OWN = """
id: ours
version: "2"
dated: 2026-11-26
names: {zh-Hans: 我们的目录}
source: {zh-Hans: 街道}
expected_items: 2
entries:
  - id: care
    names: {zh-Hans: 照护, en: Care}
    categories: [health]
    entries:
      - {id: clinic, names: {zh-Hans: 门诊}, is_verified: true}
"""


def test_bundled_directories_say_what_is_verified_and_what_is_not() -> None:
    found = load_directories(None)

    assert list(found) == ["community_services", "seven_and_five", "hotline_12345"]
    services, seven, hotline = found.values()
    assert (len(services.entries), services.expected_items, services.items) == (10, 60, 0)
    assert [entry.names["zh-Hans"] for entry in services.entries if entry.is_verified] == ["社区就业服务", "社区社会保障服务"]
    assert [entry.names["zh-Hans"] for entry in seven.entries] == [
        "幼有所育", "学有所教", "劳有所得", "病有所医", "老有所养", "住有所居", "弱有所扶", "便利性", "宜居性", "多样性", "公正性", "安全性",
    ]  # fmt: skip
    assert [entry.is_verified for entry in seven.entries] == [True] * 7 + [False] * 5
    assert [entry.names["zh-Hans"] for entry in hotline.entries] == ["咨询", "求助", "投诉", "举报", "建议"]
    assert set(seven.defaults) == set(CATEGORIES)  # each need category has a place in the frame
    assert hotline.defaults == {}
    for directory in found.values():
        assert all(entry.names.get("en") for entry in directory.entries)
        assert "未" in directory.note["zh-Hans"] + directory.source["zh-Hans"] or not directory.unverified


def test_an_operators_file_adds_or_replaces(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(OWN, encoding="utf-8")
    (tmp_path / "b.yml").write_text(OWN.replace("id: ours", "id: hotline_12345"), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no directory", encoding="utf-8")

    found = load_directories(str(tmp_path))

    assert list(found) == ["community_services", "seven_and_five", "hotline_12345", "ours"]
    assert found["hotline_12345"].version == "2"
    ours = find_directory(str(tmp_path), "ours")
    assert [(entry.id, entry.depth, entry.is_verified) for entry in ours.entries] == [("care", 0, False), ("clinic", 1, True)]
    assert (ours.items, ours.unverified, ours.entries[1].name_in("en")) == (1, 1, "门诊")
    with pytest.raises(NotFound):
        find_directory(None, "ours")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("id: ours", "id: Our services", "an id takes small letters"),
        ("id: clinic", "id: care", "entry care stands there twice"),
        ("[health]", "[healthy]", "'healthy' is no need category"),
        ("{zh-Hans: 照护, en: Care}", "{en: Care}", "the Chinese text (zh-Hans) is missing"),
        ("dated: 2026-11-26", "dated: soon", "dated"),
        ("entries:\n", "entries: []\nmore:\n", "unknown field `more`"),
        ("id: ours", "id: [", "this is not YAML"),
        ('version: "2"', 'version: ""', "version takes 1 to 32"),
        (OWN[OWN.index("entries:"):], "entries: []", "it has no entries"),
        ("is_verified: true}", "is_verified: true, entries: [{id: x, names: {zh-Hans: x}}]}", "nothing below items"),
        ("照护", "长" * 201, "at most 200 characters"),
    ],
)
def test_a_file_that_cannot_be_used_says_where_and_why(old: str, new: str, told: str) -> None:
    assert old in OWN

    with pytest.raises(SettingsInvalid) as caught:
        read_directory("ours.yaml", OWN.replace(old, new, 1).encode())

    assert caught.value.message.startswith("ours.yaml")
    assert told in caught.value.message


def test_a_folder_that_cannot_be_used_ends_the_start(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(OWN, encoding="utf-8")

    for folder in (str(tmp_path), str(tmp_path / "missing")):
        with pytest.raises(SettingsInvalid, match="LINSHENG_DIRECTORIES"):
            create_app(Settings(database="sqlite:///:memory:", secret=SECRET, directories=folder))


SERVICES = load_directories(None)["community_services"]


@pytest.fixture
async def survey(database: Settings) -> SurveyView:
    return await bundled_survey()


async def _place(theme: ThemeView, directory: Directory = SERVICES) -> tuple[list[str], list[str], bool]:
    placement = (await mappings_of([theme], directory))[theme.key]
    return [entry.id for entry in placement.entries], [entry.names["zh-Hans"] for entry in placement.gone], placement.is_default


async def _seen(theme: ThemeView, directory: Directory = SERVICES) -> int:
    return (await mappings_of([theme], directory))[theme.key].seen


async def test_a_person_says_where_a_theme_belongs_and_every_change_is_kept(survey: SurveyView) -> None:
    people = await add_members()
    chen = people["chen"]
    health, parking = await find_theme(await add_theme(survey, "health.doctor_language", people=50)), await find_theme(await add_theme(survey))

    assert await _place(health) == (["health_family"], [], True)
    assert await _place(parking) == ([], [], True)
    await map_theme(parking, SERVICES, None, "", seen=0, actor=chen)  # the default already: nothing to keep
    await map_theme(parking, SERVICES, ["safety", "convenience"], "消防通道也被占", seen=0, actor=chen)
    await map_theme(parking, SERVICES, ["convenience", "safety"], "", seen=await _seen(parking), actor=people["li"])  # the same
    await map_theme(parking, SERVICES, [], "不是社区的事", seen=await _seen(parking), actor=people["li"])
    assert await _place(parking) == ([], [], False)
    await map_theme(parking, SERVICES, None, "", seen=await _seen(parking), actor=chen)
    assert await _place(parking) == ([], [], True)

    with pytest.raises(InputInvalid):
        await map_theme(parking, SERVICES, ["safety", "made_up"], "", seen=await _seen(parking), actor=chen)
    with pytest.raises(InputInvalid):
        await map_theme(parking, SERVICES, ["safety"], "长" * 501, seen=await _seen(parking), actor=chen)
    with pytest.raises(Conflict):
        await map_theme(parking, SERVICES, ["safety"], "", seen=0, actor=chen)
    with pytest.raises(NotAllowed):
        await map_theme(parking, SERVICES, ["safety"], "", seen=await _seen(parking), actor=Actor(chen.account_id, "chen", RoleKind.AUDITOR, None, 0))

    history = await mapping_history(parking, SERVICES)
    told = [(e.name, e.reason, None if e.entries is None else [entry.id for entry in e.entries], e.version) for e in history]
    assert told == [
        ("chen", "", None, "2026-11"), ("li", "不是社区的事", [], "2026-11"),
        ("chen", "消防通道也被占", ["safety", "convenience"], "2026-11"),
    ]  # fmt: skip
    assert await mapping_history(health, SERVICES) == []
    acts = await AuditEvent.select().where(AuditEvent.action == "theme.directory").order_by(AuditEvent.id)
    assert [(row["actor"], from_json(row["data"])["entries"]) for row in acts] == [("chen", ["safety", "convenience"]), ("li", []), ("chen", None)]


async def test_a_new_version_of_the_file_keeps_old_mappings_readable(survey: SurveyView) -> None:
    chen = (await add_members())["chen"]
    parking = await find_theme(await add_theme(survey))
    await map_theme(parking, SERVICES, ["safety", "convenience"], "", seen=0, actor=chen)

    later = replace(SERVICES, version="2027-01", entries=[entry for entry in SERVICES.entries if entry.id != "safety"])

    assert await _place(parking, later) == (["convenience"], ["社区安全服务"], False)
    [event] = await mapping_history(parking, later)
    assert event.entries
    assert (event.version, [entry.name_in("en") for entry in event.entries]) == ("2026-11", ["Safety", "Everyday convenience"])
    await map_theme(parking, later, ["convenience"], "", seen=await _seen(parking, later), actor=chen)
    assert await _place(parking, later) == (["convenience"], [], False)
    assert [row["version"] for row in await DirectoryMapping.select().order_by(DirectoryMapping.id)] == ["2026-11", "2027-01"]


async def test_two_who_map_a_theme_at_once_hear_of_each_other(survey: SurveyView) -> None:
    people = await add_members()
    parking = await find_theme(await add_theme(survey))

    async def say(name: str, entry: str) -> str:
        try:
            await map_theme(parking, SERVICES, [entry], "", seen=0, actor=people[name])
        except Conflict:
            return "told"
        return entry

    outcomes = await asyncio.gather(say("chen", "safety"), say("li", "convenience"))

    [kept] = [outcome for outcome in outcomes if outcome != "told"]
    assert sorted(outcomes) == sorted([kept, "told"])
    assert (await _place(parking))[0] == [kept]
