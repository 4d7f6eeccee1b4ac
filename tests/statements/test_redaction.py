"""Personal data: masked before anybody reads, confirmed, lifted or masked further by a person, and then gone."""

from __future__ import annotations

import pytest

from survey.accounts.rules import RoleKind
from survey.audit.tables import AuditEvent
from survey.db.columns import from_json
from survey.db.transaction import write_transaction
from survey.errors import InputInvalid, NotAllowed, NotFound
from survey.responses.corrections import correct
from survey.responses.intake import entrance_to
from survey.responses.queries import find_own_answer
from survey.responses.service import Recorder, withdraw
from survey.responses.tables import AnswerDocument, Response
from survey.settings import Settings
from survey.statements.queries import find_statement, list_statements, unmasked
from survey.statements.readings import readings
from survey.statements.redaction import change_mask, confirm_mask, marks_key, mask_answers, open_original
from survey.statements.search import Wanted, search_statements
from survey.statements.service import prepare_statements
from survey.statements.states import PersonalData
from survey.statements.tables import Statement
from tests.conftest import SECRET, bundled_survey
from tests.statements.conftest import actor
from tests.voices import DOCTOR, Person, record

PHONE = "13800138000"
TEXT = f"车棚太旧了，要修，我的电话{PHONE}，姓林"
MASKED = "车棚太旧了，要修，我的电话[电话]，姓林"


async def _one(need: str = TEXT, **more: str) -> tuple[str, str, str]:
    """The survey's slug, the receipt's code and the public id of the first statement."""
    survey = await bundled_survey()
    [receipt] = await record(survey, [Person(need=need, page="zh-Hans", **more)])  # type: ignore[arg-type]  # texts
    await prepare_statements(survey.id)
    row = await Statement.select(Statement.public_id).order_by(Statement.id).first()
    assert row
    return survey.slug, receipt.code, row["public_id"]


async def _stored() -> list[tuple[str, str, str]]:
    rows = await Statement.select().order_by(Statement.id)
    return [(row["original"], row["redacted"], row["personal_data"]) for row in rows]


async def test_text_is_masked_before_anybody_can_read_it(database: Settings) -> None:
    _, _, public_id = await _one()
    survey = await bundled_survey("second")
    view = await find_statement(public_id)

    assert await _stored() == [(TEXT, MASKED, "unreviewed")]
    assert (view.text, view.personal_data) == (MASKED, PersonalData.UNREVIEWED)
    assert [one.text for one in await list_statements(view.survey_id)] == [MASKED]
    shown = (await readings([view.id], "zh-Hans"))[view.id]
    assert (shown.original, shown.text, shown.kind) == (MASKED, MASKED, "original")
    assert await search_statements(Wanted(words=PHONE), {view.survey_id: None, survey.id: None}, limit=5) == []
    row = await Statement.select(Statement.words).first()
    assert row
    assert PHONE not in row["words"]


async def test_number_is_masked_by_a_word_that_stands_in_another_statement(database: Settings) -> None:
    """`电话` alone makes eight digits a telephone; cut from it, they would look like any number."""
    await _one("There is never a parking space. My phone number: 64381234. The drilling starts before six")

    assert "64381234" not in " ".join(redacted for _, redacted, _ in await _stored())


async def test_tricks_of_direction_are_taken_out(database: Settings) -> None:
    await _one("停车\u202e100\u202c元，太贵了")

    assert await _stored() == [("停车100元，太贵了",) * 2 + ("none",)]


async def test_confirmed_mask_is_for_good_everywhere(database: Settings) -> None:
    slug, code, public_id = await _one()
    chen = await actor()
    statement = await find_statement(public_id)
    seen = marks_key(await open_original(statement, actor=chen))

    await confirm_mask(statement, seen=seen, actor=chen)

    assert await _stored() == [(MASKED, MASKED, "confirmed")]
    own = await find_own_answer(code)
    assert own
    assert own.answers["need_most"] == MASKED
    for table in (Statement, AnswerDocument, AuditEvent, Response):
        assert PHONE not in str(await table.select())
    assert [row["text_hash"] for row in await Statement.select(Statement.text_hash)] == [""]
    acts = await AuditEvent.select().where(AuditEvent.actor == "chen").order_by(AuditEvent.id)
    assert [(row["action"], from_json(row["data"])) for row in acts[1:]] == [
        ("statement.unmasked", {}), ("statement.mask_confirmed", {"kinds": ["phone"]}),
    ]  # fmt: skip
    with pytest.raises(InputInvalid):
        await confirm_mask(statement, seen="", actor=chen)
    # The phone that sent it sends it again: the same receipt, and nothing comes back.
    row = await Response.select(Response.client_id).first()
    assert row
    entrance = await entrance_to(slug)
    raw = {"subdistrict": "wangjing", "time_in_beijing": "2_to_5_years", "origin": "another_country", "need_most": TEXT,
           "change_first": "", "may_quote": "yes"}  # fmt: skip
    submission = entrance.submission(
        client_id=row["client_id"], language="zh-Hans", answers=entrance.checker.check(raw).answers, channel=None, source="form"
    )
    [again] = await Recorder(SECRET).record([submission])
    assert not isinstance(again, Exception)
    assert (again.code, again.is_repeat) == (code, True)
    # Prepared once more, as after a new version, nothing changes.
    await AnswerDocument.update({AnswerDocument.is_prepared: False}, force=True)
    await prepare_statements(statement.survey_id)
    assert await _stored() == [(MASKED, MASKED, "confirmed")]


async def test_lifted_marks_are_shown_and_masked_again_by_hand(database: Settings) -> None:
    _, _, public_id = await _one()
    chen = await actor()
    statement = await find_statement(public_id)

    async def seen() -> str:
        return marks_key(await unmasked(statement.id))

    old = await seen()
    await change_mask(statement, lifted=[0], more=[], seen=old, actor=chen)
    assert await _stored() == [(TEXT, TEXT, "lifted")]
    with pytest.raises(InputInvalid):  # somebody else's page
        await change_mask(statement, lifted=[], more=[], seen=old, actor=chen)
    await change_mask(statement, lifted=[0], more=["姓林", ""], seen=await seen(), actor=chen)
    assert await _stored() == [(TEXT, f"车棚太旧了，要修，我的电话{PHONE}，[个人信息]", "unreviewed")]
    with pytest.raises(InputInvalid):
        await change_mask(statement, lifted=[0], more=["姓王"], seen=await seen(), actor=chen)
    # What leaves the house obeys the same decisions.
    answers = await mask_answers({statement.response: ("zh-Hans", {"need_most": TEXT, "more": TEXT, "origin": "another_country", "n": 5})})
    assert answers[statement.response] == {
        "need_most": f"车棚太旧了，要修，我的电话{PHONE}，[个人信息]", "more": MASKED, "origin": "another_country", "n": 5,
    }  # fmt: skip
    await change_mask(statement, lifted=[], more=[PHONE], seen=await seen(), actor=chen)
    await confirm_mask(statement, seen=await seen(), actor=chen)
    assert await _stored() == [("车棚太旧了，要修，我的电话[电话]，[个人信息]",) * 2 + ("confirmed",)]


async def test_mask_is_decided_by_who_may_and_of_what_is_there(database: Settings) -> None:
    _, code, public_id = await _one()
    worker, chen = await actor("wang", RoleKind.SOCIAL_WORKER), await actor()
    statement = await find_statement(public_id)
    seen = marks_key(await unmasked(statement.id))

    for act in (open_original(statement, actor=worker), confirm_mask(statement, seen=seen, actor=worker),
                change_mask(statement, lifted=[0], more=[], seen=seen, actor=worker)):  # fmt: skip
        with pytest.raises(NotAllowed):
            await act
    assert await _stored() == [(TEXT, MASKED, "unreviewed")]
    await withdraw(code)
    with pytest.raises(NotFound):
        await confirm_mask(statement, seen=seen, actor=chen)
    with pytest.raises(NotFound):
        await find_statement(public_id)


async def test_statements_whose_text_stays_keep_their_decisions_when_the_answer_is_corrected(database: Settings) -> None:
    _, code, public_id = await _one(change="停车位不够")
    chen = await actor()
    statement = await find_statement(public_id)
    await change_mask(statement, lifted=[0], more=[], seen=marks_key(await unmasked(statement.id)), actor=chen)
    before = {row["question"]: row["id"] for row in await Statement.select()}
    raw = {"subdistrict": "maizidian", "time_in_beijing": "2_to_5_years", "origin": "another_country", "need_most": TEXT,
           "change_first": DOCTOR, "may_quote": "yes"}  # fmt: skip

    await correct(code, raw=raw, language="zh-Hans", revision=0)
    await prepare_statements(statement.survey_id)

    rows = {row["question"]: row for row in await Statement.select()}
    assert rows["need_most"]["id"] == before["need_most"]
    assert (rows["need_most"]["personal_data"], rows["need_most"]["redacted"]) == ("lifted", TEXT)
    assert rows["change_first"]["id"] != before["change_first"]
    assert rows["need_most"]["area"] == rows["change_first"]["area"] != statement.area


async def test_statements_from_before_they_were_masked_are_filled_in_place(database: Settings) -> None:
    """What the migration leaves: nothing is shown of them until they are masked, and then they are the same statements."""
    _, _, public_id = await _one()
    statement = await find_statement(public_id)
    async with write_transaction(Statement):
        await Statement.update(
            {"redacted": "", "words": "", "findings": "[]", "personal_data": "none", "area": 0, "wave": 0, "received_on": None}
        ).where(Statement.id == statement.id)
        await AnswerDocument.update({AnswerDocument.is_prepared: False}).where(AnswerDocument.response == statement.response)
    hidden = await list_statements(statement.survey_id), await search_statements(Wanted(), {statement.survey_id: None}, limit=5)
    with pytest.raises(NotFound):
        await find_statement(public_id)

    await prepare_statements(statement.survey_id)

    assert hidden == ([], [])
    assert await find_statement(public_id) == statement
    assert await search_statements(Wanted(words="车棚"), {statement.survey_id: None}, limit=5) == [statement.id]
