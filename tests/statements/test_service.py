import asyncio

import pytest

from survey.authoring.queries import SurveyView
from survey.db.transaction import write_transaction
from survey.questionnaire.values import REFUSED
from survey.responses.queries import iterate_responses, unprepared_answers
from survey.responses.service import withdraw
from survey.responses.tables import AnswerDocument, Response
from survey.settings import Settings
from survey.statements import service
from survey.statements.queries import list_statements, statements_by_id
from survey.statements.service import prepare_statements
from survey.statements.tables import Statement
from tests.conftest import bundled_survey
from tests.voices import DOCTOR, NOISE, PARKING, Person, record

KOREAN = "한국어를 하는 의사가 있으면 좋겠어요"


async def _stored(survey: SurveyView) -> list[tuple[str, int, str, str]]:
    rows = await Statement.select().where(Statement.survey == survey.id).order_by(Statement.id)
    return [(row["question"], row["position"], row["original"], row["language"]) for row in rows]


async def test_prepare_statements_two_needs_in_one_answer_are_two_statements(database: Settings) -> None:
    survey = await bundled_survey()
    await record(survey, [Person(need=f"{DOCTOR}. {PARKING}.")])

    done = await prepare_statements(survey.id)

    assert done == 1
    assert await _stored(survey) == [("need_most", 0, f"{DOCTOR}.", "en"), ("need_most", 1, f"{PARKING}.", "en")]


async def test_prepare_statements_both_open_questions_of_a_person_are_read(database: Settings) -> None:
    survey = await bundled_survey()
    [receipt] = await record(survey, [Person(need=DOCTOR, change=PARKING)])

    await prepare_statements(survey.id)

    assert await _stored(survey) == [("need_most", 0, DOCTOR, "en"), ("change_first", 0, PARKING, "en")]
    assert {view.response for view in await list_statements(survey.id)} == {receipt.response_id}


async def test_prepare_statements_language_is_that_of_the_text_not_of_the_page(database: Settings) -> None:
    survey = await bundled_survey()
    await record(survey, [Person(need=KOREAN, page="en"), Person(need=DOCTOR, page="ar"), Person(need="12345", page="ja")])

    await prepare_statements(survey.id)

    # Digits are in no language: there the page decides.
    assert sorted(found[2:] for found in await _stored(survey)) == [("12345", "ja"), (DOCTOR, "en"), (KOREAN, "ko")]


@pytest.mark.parametrize("text", [REFUSED, "", "   ", "🙂🙂", "...!"])
async def test_prepare_statements_without_words_makes_none_and_does_not_come_back(database: Settings, text: str) -> None:
    survey = await bundled_survey()
    await record(survey, [Person(need=text)])

    first, second = await prepare_statements(survey.id), await prepare_statements(survey.id)

    assert (first, second) == (1, 0)
    assert await _stored(survey) == []


async def test_prepare_statements_stopped_half_way_goes_on_where_it_was(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHUNK", 2)
    survey = await bundled_survey()
    await record(survey, [Person(need=f"{DOCTOR} {number}") for number in range(5)])

    def stop(done: int) -> None:
        raise RuntimeError(done)

    with pytest.raises(RuntimeError, match="2"):
        await prepare_statements(survey.id, stop)
    half = await _stored(survey)
    told: list[int] = []
    rest = await prepare_statements(survey.id, told.append)

    assert (len(half), rest, told) == (2, 3, [2, 3])
    assert sorted(text for _, _, text, _ in await _stored(survey)) == [f"{DOCTOR} {number}" for number in range(5)]


async def test_prepare_statements_twice_at_once_stores_each_statement_once(database: Settings) -> None:
    """The worker's job and `linsheng analyse` may read the same answers at the same time."""
    survey = await bundled_survey()
    await record(survey, [Person(need=f"{DOCTOR} {number}") for number in range(20)])

    counts = await asyncio.gather(*(prepare_statements(survey.id) for _ in range(4)))

    assert sum(counts) == 20
    assert sorted(text for _, _, text, _ in await _stored(survey)) == sorted(f"{DOCTOR} {n}" for n in range(20))
    assert await unprepared_answers(survey.id, 10) == []


async def test_prepare_statements_leaves_other_surveys_alone(database: Settings) -> None:
    mine, other = await bundled_survey("mine"), await bundled_survey("other")
    await record(mine, [Person(need=DOCTOR)])
    await record(other, [Person(need=PARKING)])

    await prepare_statements(mine.id)

    assert [text for _, _, text, _ in await _stored(mine)] == [DOCTOR]
    assert await _stored(other) == []
    assert len(await unprepared_answers(other.id, 10)) == 1


async def test_list_statements_pages_by_key_and_loses_none(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.statements.queries.PAGE", 2)
    survey = await bundled_survey()
    await record(survey, [Person(need=f"{DOCTOR} {number}") for number in range(5)])
    await prepare_statements(survey.id)

    views = await list_statements(survey.id)

    assert sorted(view.text for view in views) == [f"{DOCTOR} {number}" for number in range(5)]


async def test_withdrawn_answer_takes_its_statements_with_it(database: Settings) -> None:
    survey = await bundled_survey()
    gone, stays = await record(survey, [Person(need=NOISE), Person(need=DOCTOR)])
    await prepare_statements(survey.id)
    before = {view.response: view.id for view in await list_statements(survey.id)}

    await withdraw(gone.code)

    assert await statements_by_id(list(before.values())) == {
        view.id: view for view in await list_statements(survey.id) if view.response == stays.response_id
    }
    assert [text for _, _, text, _ in await _stored(survey)] == [DOCTOR]


# Copied texts: told on both, dropped nowhere

COPY = "We need a doctor who speaks English in Wangjing"


async def _flags(survey: SurveyView) -> dict[str, list[str]]:
    return {row["id"]: row["flags"] async for row in iterate_responses(survey.id)}


async def test_copied_text_is_flagged_on_both_and_both_are_kept(database: Settings) -> None:
    survey = await bundled_survey()
    one, other, apart = await record(
        survey, [Person(need=COPY), Person(change=f"  {COPY.upper()}\n"), Person(need=f"{COPY} soon")]
    )

    await prepare_statements(survey.id)

    assert await _flags(survey) == {one.response_id: ["copied_text"], other.response_id: ["copied_text"], apart.response_id: []}
    assert len(await _stored(survey)) == 3


async def test_copied_text_is_found_among_answers_that_were_prepared_before(database: Settings) -> None:
    survey = await bundled_survey()
    [first] = await record(survey, [Person(need=COPY)])
    await prepare_statements(survey.id)
    before = await _flags(survey)
    [second] = await record(survey, [Person(need=COPY)])
    await prepare_statements(survey.id)

    assert before == {first.response_id: []}
    assert await _flags(survey) == {first.response_id: ["copied_text"], second.response_id: ["copied_text"]}


@pytest.mark.parametrize("text", ["没有", "无", "No problems, thanks"])
async def test_what_many_write_shortly_is_no_copy(database: Settings, text: str) -> None:
    survey = await bundled_survey()
    await record(survey, [Person(need=text), Person(need=text)])

    await prepare_statements(survey.id)

    assert list((await _flags(survey)).values()) == [[], []]


async def test_the_same_text_twice_by_one_person_and_in_two_surveys_is_no_copy(database: Settings) -> None:
    mine, other = await bundled_survey("mine"), await bundled_survey("other")
    await record(mine, [Person(need=COPY, change=COPY)])
    await record(other, [Person(need=COPY)])

    await prepare_statements(mine.id)
    await prepare_statements(other.id)

    assert [*(await _flags(mine)).values(), *(await _flags(other)).values()] == [[], []]


async def test_copy_whose_words_are_cut_into_statements_is_found_by_the_whole(database: Settings) -> None:
    survey = await bundled_survey()
    await record(survey, [Person(need=f"{DOCTOR}. {PARKING}."), Person(need=f"{DOCTOR}. {PARKING}."), Person(need=f"{DOCTOR}. {NOISE}.")])

    await prepare_statements(survey.id)

    assert sorted((await _flags(survey)).values()) == [[], ["copied_text"], ["copied_text"]]


async def test_answer_that_is_prepared_anew_is_judged_anew(database: Settings) -> None:
    """As a correction does: its statements go, the answer waits again."""
    survey = await bundled_survey()
    one, other = await record(survey, [Person(need=COPY), Person(need=COPY)])
    await prepare_statements(survey.id)
    async with write_transaction(Statement):
        await Statement.delete().where(Statement.response == one.response_id)
        document = AnswerDocument.response == one.response_id
        await AnswerDocument.update({AnswerDocument.answers: '{"need_most":"Something else, in my own words"}'}).where(document)
        await AnswerDocument.update({AnswerDocument.is_prepared: False}).where(document)

    await prepare_statements(survey.id)

    assert await _flags(survey) == {one.response_id: [], other.response_id: ["copied_text"]}


async def test_copies_in_chunks_prepared_at_once_are_found(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "CHUNK", 3)
    survey = await bundled_survey()
    await record(survey, [Person(need=COPY) for _ in range(8)])

    await asyncio.gather(*(prepare_statements(survey.id) for _ in range(3)))

    assert list((await _flags(survey)).values()) == [["copied_text"]] * 8


async def test_statement_of_a_plain_page_is_in_the_language_itself(database: Settings) -> None:
    survey = await bundled_survey()
    [receipt] = await record(survey, [Person(need="12345")])
    await Response.update({Response.language: "ja-x-easy"}).where(Response.id == receipt.response_id)

    await prepare_statements(survey.id)

    assert [found[2:] for found in await _stored(survey)] == [("12345", "ja")]
