"""Renderings: versions by people and a machine; which one is shown; nothing lost when several write at once."""

from __future__ import annotations

import asyncio

import pytest

from survey import clock
from survey.accounts.rules import RoleKind
from survey.errors import LinshengError, NotAllowed, NotFound
from survey.responses.corrections import correct
from survey.responses.service import withdraw
from survey.settings import Settings
from survey.statements.queries import FullStatement, find_statement, versions_of
from survey.statements.readings import readings
from survey.statements.renderings import (
    RenderingRefused,
    accept_rendering,
    mark_read,
    next_to_render,
    render_by_machine,
    take_back_acceptance,
    write_rendering,
)
from survey.statements.search import Wanted, search_statements
from survey.statements.service import prepare_statements
from survey.statements.states import Reading, RenderingState, chosen_rendering
from survey.statements.tables import Rendering, Statement
from survey.statements.translator import TranslatorFailed
from tests.conftest import bundled_survey
from tests.statements.conftest import actor
from tests.voices import DOCTOR, NOISE, PARKING, Person, record

KOREAN = "한국어를 하는 의사가 있으면 좋겠어요"


async def _statements(*people: Person) -> tuple[list[FullStatement], list[str]]:
    survey = await bundled_survey()
    receipts = await record(survey, people)
    await prepare_statements(survey.id)
    rows = {row["response"]: row["public_id"] for row in await Statement.select(Statement.response, Statement.public_id)}
    return [await find_statement(rows[r.response_id]) for r in receipts if r.response_id in rows], [r.code for r in receipts]


async def _shown(statement: FullStatement, language: str = "zh-Hans") -> tuple[str, str, bool]:
    reading = (await readings([statement.id], language))[statement.id]
    return reading.text, reading.kind, reading.is_accepted


async def test_reading_is_the_newest_accepted_rendering_else_the_newest_else_the_lexicon(database: Settings) -> None:
    [statement, chinese], _ = await _statements(Person(need=KOREAN, page="ko"), Person(need="希望簽證延期可以線上辦理", page="zh-Hant"))
    volunteer, chen = await actor("min", RoleKind.VOLUNTEER), await actor()
    lexicon = await _shown(statement)

    await write_rendering(statement, "希望有会说韩语的医生", actor=volunteer)
    by_volunteer = await _shown(statement)
    first = (await versions_of([statement.id]))[statement.id][0]
    await accept_rendering(statement, first.id, actor=chen)
    accepted = await _shown(statement)
    await write_rendering(statement, "  要是有讲韩语的大夫就好了\r\n", actor=chen)
    still = await _shown(statement)
    await write_rendering(statement, "能有讲韩语的医生就好了", actor=chen, is_accepted=True)
    newer = await _shown(statement)

    assert lexicon[1:] == ("lexicon", False)
    assert lexicon[0]
    assert by_volunteer == ("希望有会说韩语的医生", "volunteer", False)
    assert accepted == still == ("希望有会说韩语的医生", "volunteer", True)
    assert newer == ("能有讲韩语的医生就好了", "staff", True)
    assert (await _shown(statement, "en"))[1] == "lexicon"
    assert await _shown(chinese) == ("希望签证延期可以线上办理", "original", True)
    assert [(v.text, v.is_accepted) for v in (await versions_of([statement.id]))[statement.id]] == [
        ("希望有会说韩语的医生", True), ("要是有讲韩语的大夫就好了", False), ("能有讲韩语的医生就好了", True),
    ]  # fmt: skip
    # Found by what the rendering says, and by its state.
    reach = {statement.survey_id: None}
    assert await search_statements(Wanted(words="大夫"), reach, limit=5) == [statement.id]
    assert await search_statements(Wanted(rendering=(RenderingState.ACCEPTED,)), reach, limit=5) == [statement.id]
    for version in (await versions_of([statement.id]))[statement.id]:
        await take_back_acceptance(statement, version.id, actor=chen)
    assert await _shown(statement) == ("能有讲韩语的医生就好了", "staff", False)
    assert (await find_statement(statement.public_id)).rendering == RenderingState.PROPOSED


async def test_renderings_of_several_people_at_once_are_all_kept(database: Settings) -> None:
    [statement], _ = await _statements(Person(need=KOREAN))
    people = [await actor(f"person {number}", RoleKind.VOLUNTEER) for number in range(5)]

    await asyncio.gather(*(write_rendering(statement, f"译文 {number}", actor=one) for number, one in enumerate(people)))

    versions = (await versions_of([statement.id]))[statement.id]
    assert sorted(version.text for version in versions) == [f"译文 {number}" for number in range(5)]
    assert chosen_rendering(versions) == versions[-1]


async def test_renderings_refuse_what_is_none_and_who_may_not(database: Settings) -> None:
    [statement, other], _ = await _statements(Person(need=KOREAN), Person(need=DOCTOR))
    volunteer, partner = await actor("min", RoleKind.VOLUNTEER), await actor("hotel", RoleKind.PARTNER)
    for text in ("", "  \n", "……", "字" * 20_001):
        with pytest.raises(RenderingRefused):
            await write_rendering(statement, text, actor=volunteer)
    with pytest.raises(NotAllowed):
        await write_rendering(statement, "好", actor=partner)
    await write_rendering(statement, "希望有会说韩语的医生", actor=volunteer, is_accepted=True)
    [version] = (await versions_of([statement.id]))[statement.id]

    assert not version.is_accepted
    with pytest.raises(NotAllowed):
        await accept_rendering(statement, version.id, actor=volunteer)
    with pytest.raises(NotFound):
        await accept_rendering(other, version.id, actor=await actor())


async def test_renderings_go_with_the_text_that_is_corrected_or_withdrawn(database: Settings) -> None:
    [first, second], codes = await _statements(Person(need=KOREAN), Person(need=NOISE))
    chen = await actor()
    for statement in (first, second):
        await write_rendering(statement, "译文", actor=chen)
    raw = {"subdistrict": "wangjing", "time_in_beijing": "2_to_5_years", "origin": "another_country", "need_most": PARKING}

    await correct(codes[0], raw=raw, language="en", revision=0)
    await prepare_statements(first.survey_id)
    await withdraw(codes[1])

    assert await Rendering.select() == []
    with pytest.raises(LinshengError):
        await write_rendering(second, "译文", actor=chen)


async def test_queue_gives_the_oldest_without_a_persons_rendering(database: Settings) -> None:
    statements, _ = await _statements(Person(need=KOREAN), Person(need=DOCTOR), Person(need=NOISE), Person(need="停车难，没有车位"))
    reach = {statements[0].survey_id: None}
    ordered = sorted(statements[:3], key=lambda one: one.id)

    first = await next_to_render(reach)
    assert first
    assert first.id == ordered[0].id
    skipped = await next_to_render(reach, after=first.id)
    assert skipped
    assert skipped.id == ordered[1].id
    korean = await next_to_render(reach, language="ko")
    assert korean
    assert korean.text == KOREAN
    for statement in ordered:
        await write_rendering(statement, "译文", actor=await actor(f"v {statement.id}", RoleKind.VOLUNTEER))
    assert await next_to_render(reach) is None
    assert await next_to_render({}) is None


async def test_statement_is_marked_read_and_new_again(database: Settings) -> None:
    [statement], _ = await _statements(Person(need=DOCTOR))
    reach = {statement.survey_id: None}

    await mark_read(statement)
    read = await search_statements(Wanted(reading=Reading.NEW), reach, limit=5)
    await mark_read(statement, is_read=False)

    assert read == []
    assert await search_statements(Wanted(reading=Reading.NEW), reach, limit=5) == [statement.id]


class Stub:
    """A translator that knows English, and fails at its second request."""

    def __init__(self, *, fails_at: int = 0) -> None:
        self.asked: list[str] = []
        self._fails_at = fails_at
        self._requests = 0

    def speaks(self, language: str) -> bool:
        return language == "en"

    async def translate(self, texts: list[str], language: str) -> list[str]:  # type: ignore[override]  # a list is a sequence
        self._requests += 1
        if self._requests == self._fails_at:
            raise TranslatorFailed("The translator answered 500.")
        self.asked += texts
        return [f"译：{text}" for text in texts]


async def test_machine_renders_what_is_missing_from_masked_text_and_loses_nothing_when_it_fails(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.statements.renderings.BATCH", 1)
    statements, _ = await _statements(
        Person(need=f"{DOCTOR}, call me at 13800138000"), Person(need=NOISE), Person(need=PARKING), Person(need=KOREAN)
    )
    english = [statement for statement in statements if statement.language == "en"]
    survey_id = statements[0].survey_id
    await write_rendering(english[2], "没有停车位", actor=await actor())
    failing = Stub(fails_at=2)

    with pytest.raises(TranslatorFailed):
        await render_by_machine(survey_id, failing)
    half = await Rendering.count().where(Rendering.author_kind == "machine")
    second = Stub()
    done = await render_by_machine(survey_id, second)

    assert (half, done) == (1, 1)
    assert sorted(failing.asked + second.asked) == sorted([f"{DOCTOR}, call me at [电话]", NOISE])
    assert await _shown(english[1]) == (f"译：{NOISE}", "machine", False)
    assert await _shown(english[2]) == ("没有停车位", "staff", False)
    assert (await find_statement(english[0].public_id)).rendering == RenderingState.MACHINE
    rows = await Rendering.select(Rendering.created_at).where(Rendering.author_kind == "machine")
    assert {row["created_at"].astimezone(clock.BEIJING).time().isoformat() for row in rows} == {"00:00:00"}
    # A machine's is still offered to people, behind which it steps back.
    waiting = await next_to_render({survey_id: None}, language="en")
    assert waiting is not None
