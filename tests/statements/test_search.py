"""Search: words in many languages, places and states, alone and together; on both engines."""

from __future__ import annotations

import sqlite3

import pytest

from survey.db.search import Group, merge_words
from survey.db.transaction import fold_wal, write_transaction
from survey.responses.service import withdraw
from survey.settings import Settings
from survey.statements.search import Wanted, search_statements
from survey.statements.service import prepare_statements
from survey.statements.states import PersonalData, Reading, RenderingState
from survey.statements.tables import Statement
from tests.conftest import bundled_survey
from tests.voices import Person, record

TEXTS = {
    "ko": "비자를 연장하기가 너무 어려워요",
    "zh": "签证延期太难，窗口只讲中文",
    "hant": "希望簽證延期可以線上辦理",
    "en": "There aren't enough parking spaces near my café",
    "ja": "在留カードの更新をオンラインでしたい",
    "ru": "Врачи не говорят по-русски",
    "water": "小区的热水不够热",
}


async def _filled(slug: str = "community-needs") -> tuple[int, dict[str, int]]:
    survey = await bundled_survey(slug)
    await record(survey, [Person(need=text, area="wangjing" if key in {"ko", "en"} else "maizidian") for key, text in TEXTS.items()])
    await prepare_statements(survey.id)
    rows = await Statement.select(Statement.id, Statement.original).where(Statement.survey == survey.id)
    keys = {text: key for key, text in TEXTS.items()}
    return survey.id, {keys[row["original"]]: row["id"] for row in rows}


async def test_search_finds_words_in_every_language_and_through_the_lexicon(database: Settings) -> None:
    survey, ids = await _filled()
    names = {key: name for name, key in ids.items()}

    async def found(words: str, **more: object) -> set[str]:
        return {names[key] for key in await search_statements(Wanted(words=words, **more), {survey: None}, limit=50)}  # type: ignore[arg-type]

    assert await found("비자") == {"ko"}
    # The lexicon's Chinese name of what the Korean text asks for stands in its index.
    assert await found("签证") >= {"ko", "zh", "hant"}
    assert await found("visa") >= {"ko", "zh", "hant"}
    assert (await found("簽證 延期")) >= {"zh", "hant"}
    assert await found("Parking") == {"en"} == await found("parked CAFE")
    assert await found("在留カード") == {"ja"}
    assert await found("врача") == {"ru"}
    assert await found("水") >= {"water"}
    assert await found("热水 停车") == set()
    # Nothing that can be typed is an error.
    for odd in ('"', "AND", "NEAR(签证", "a* OR (", "'; DROP TABLE statement; --", "sv_1", "*", "-", "签" * 5000, "\\", "x:y"):
        assert isinstance(await found(odd), set), odd
    assert await found('"') == set()
    assert await found("") == set(TEXTS)
    assert await found("签证 " * 500) >= {"ko", "zh"}
    # With places and states.
    assert await found("签证", language="ko") == {"ko"}
    assert await found("", language="zh-Hant", reading=Reading.NEW) == {"hant"}
    assert await found("", reading=Reading.READ) == set()
    assert await found("", rendering=(RenderingState.NOT_NEEDED,)) == {"zh", "hant", "water"}
    assert await found("", personal_data=PersonalData.UNREVIEWED) == set()
    assert await found("", is_flagged=True) == set()
    assert await found("", wave=1, channel=0) == set(TEXTS)
    assert await found("", wave=2) == set()


async def test_search_is_newest_first_goes_on_by_key_and_stays_within_reach(database: Settings) -> None:
    survey, ids = await _filled()
    other, others = await _filled("other")
    newest = sorted(ids.values(), reverse=True)
    area = {row["id"]: row["area"] for row in await Statement.select(Statement.id, Statement.area)}
    wangjing = area[ids["ko"]]

    first = await search_statements(Wanted(), {survey: None}, limit=3)
    second = await search_statements(Wanted(), {survey: None}, limit=50, after=first[-1])
    oldest = await search_statements(Wanted(), {survey: None}, limit=2, is_oldest_first=True)

    assert first + second == newest
    assert oldest == newest[::-1][:2]
    assert set(await search_statements(Wanted(), {survey: None, other: frozenset({wangjing})}, limit=50)) == {
        *newest, others["ko"], others["en"],
    }  # fmt: skip
    assert await search_statements(Wanted(area=area[ids["ja"]]), {survey: frozenset({wangjing})}, limit=50) == []
    assert await search_statements(Wanted(), {survey: frozenset()}, limit=50) == []
    assert await search_statements(Wanted(), {}, limit=50) == []


@pytest.mark.parametrize("size", [0, 10**4, 10**6], ids=["small", "middle", "large"])
async def test_search_in_a_group_finds_the_same_whichever_way_it_is_read(
    database: Settings, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table of themes' statements is themes' own; here the renderings stand in its place."""
    survey, ids = await _filled()
    chosen = [ids["ko"], ids["zh"], ids["en"]]
    async with write_transaction(Statement):
        for key in chosen:
            await Statement.raw(
                "INSERT INTO rendering (statement, language, text, author_kind, created_at) "
                "VALUES ({}, 'zh-Hans', 'x', 'staff', '2026-01-01 00:00:00+00:00')", key
            )  # fmt: skip
    monkeypatch.setattr("survey.db.search.WINDOWS", (1,))
    account = Group("rendering", "statement", ids["zh"], size)
    absent = Group("rendering", is_absent=True)

    assert await search_statements(Wanted(words="签证"), {survey: None}, limit=9, group=account) == [ids["zh"]]
    assert await search_statements(Wanted(words="签证", wave=1), {survey: None}, limit=1, group=account) == [ids["zh"]]
    assert await search_statements(Wanted(words="水"), {survey: None}, limit=9, group=account) == []
    assert await search_statements(Wanted(), {survey: None}, limit=9, group=account) == [ids["zh"]]
    assert set(await search_statements(Wanted(), {survey: None}, limit=9, group=absent)) == set(ids.values()) - set(chosen)


async def test_what_is_rare_is_found_behind_the_newest(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.db.search.WINDOWS", (1,))
    survey, ids = await _filled()

    assert await search_statements(Wanted(words="비자"), {survey: None}, limit=9) == [ids["ko"]]


async def test_withdrawal_takes_the_words_out_of_the_index_and_of_the_file(database: Settings) -> None:
    survey = await bundled_survey()
    gone, _ = await record(survey, [Person(need="The quetzalcoatlus nests on our roof"), Person(need=TEXTS["en"])])
    await prepare_statements(survey.id)
    before = await search_statements(Wanted(words="quetzalcoatlus"), {survey.id: None}, limit=9)

    await withdraw(gone.code)

    assert len(before) == 1
    assert await search_statements(Wanted(words="quetzalcoatlus"), {survey.id: None}, limit=9) == []
    assert len(await search_statements(Wanted(words="parking"), {survey.id: None}, limit=9)) == 1
    path = database.sqlite_path
    if path is not None:
        await fold_wal(Statement._meta.db)
        assert b"quetzalcoatlus" in path.read_bytes()
    await merge_words(Statement)
    if path is None:
        assert await Statement.raw("SELECT 1 AS x FROM statement_words WHERE words @@ 'quetzalcoatlus'") == []
        return
    await fold_wal(Statement._meta.db)
    assert b"quetzalcoatlus" not in path.read_bytes()
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO statement_words(statement_words) VALUES ('integrity-check')")
    connection.close()
