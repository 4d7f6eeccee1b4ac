"""Surveys: made, changed while a draft, opened when complete, closed, opened again."""

from __future__ import annotations

import asyncio
import datetime as dt
import json

import msgspec
import pytest

from survey import clock
from survey.audit.tables import AuditEvent
from survey.authoring.queries import (
    checker_for,
    find_survey,
    find_survey_by_id,
    forget_forms,
    form_of,
    list_surveys,
    survey_title,
    version_ids,
)
from survey.authoring.service import (
    FormInvalid,
    SurveyIncomplete,
    bundled_form,
    close_survey,
    create_survey,
    open_survey,
    parse_form,
    replace_form,
)
from survey.authoring.states import SurveyState
from survey.authoring.tables import Survey, SurveyVersion
from survey.authoring.text_form import text_form
from survey.db.transaction import write_transaction
from survey.errors import Conflict, InputInvalid, NotFound
from survey.i18n.languages import languages
from survey.questionnaire.form import Form, write_form
from survey.questionnaire.form_check import check_form, missing_strings
from survey.settings import Settings
from tests.authoring.conftest import small_form

WHO = {"actor": "ada", "role": "administrator"}


def _without(form: Form, **texts: dict[str, str]) -> Form:
    return msgspec.structs.replace(form, **texts)


async def test_create_survey_makes_a_draft_with_its_first_version(database: Settings) -> None:
    view = await create_survey(slug="small", form=small_form(), is_fictional=True)

    assert (view.slug, view.state, view.version_number, view.is_open) == ("small", SurveyState.DRAFT, 1, False)
    assert (view.is_fictional, view.opened_on, view.closed_on, view.sample_kind) == (True, None, None, "open")
    assert await form_of(view.version_id) == small_form()
    assert len(view.public_id) == 20


async def test_create_survey_keeps_a_form_that_comes_back_from_the_database_as_it_was(database: Settings) -> None:
    view = await create_survey(slug="needs", form=bundled_form())

    forget_forms()
    assert await form_of(view.version_id) == bundled_form()


async def test_create_survey_of_a_taken_name_is_refused_and_changes_nothing(database: Settings) -> None:
    first = await create_survey(slug="small", form=small_form())

    with pytest.raises(Conflict) as caught:
        await create_survey(slug="small", form=small_form("Other"))

    assert caught.value.message == "There is a survey named small already."
    assert [view.id for view in await list_surveys()] == [first.id]
    assert await SurveyVersion.count() == 1


async def test_create_survey_by_many_at_once_makes_one_and_refuses_the_others_in_words(database: Settings) -> None:
    results = await asyncio.gather(
        *[create_survey(slug="small", form=small_form(str(number))) for number in range(5)], return_exceptions=True
    )

    assert sorted(type(result).__name__ for result in results) == [*["Conflict"] * 4, "SurveyView"]
    assert (await Survey.count(), await SurveyVersion.count()) == (1, 1)


@pytest.mark.parametrize("slug", ["", "Needs", "a b", "需求", "-a", "a-", "a_b", "a/b", "x" * 81, "a\n"])
async def test_create_survey_refuses_a_name_that_cannot_stand_in_an_address(sqlite_settings: Settings, slug: str) -> None:
    with pytest.raises(InputInvalid, match="small letters, digits and hyphens"):
        await create_survey(slug=slug, form=small_form())


@pytest.mark.parametrize("slug", ["a", "2026", "wangjing-2026", "x" * 80])
async def test_create_survey_takes_names_that_can(database: Settings, slug: str) -> None:
    assert (await create_survey(slug=slug, form=small_form())).slug == slug


async def test_replace_form_adds_a_version_to_a_draft(database: Settings) -> None:
    first = await create_survey(slug="small", form=small_form())

    second = await replace_form(slug="small", form=small_form("Better"))

    assert (second.id, second.version_number) == (first.id, 2)
    assert await survey_title(second, "en") == "Better"
    assert await form_of(first.version_id) == small_form()
    assert sorted(await version_ids(first.id)) == [first.version_id, second.version_id]


async def test_replace_form_by_several_at_once_numbers_each_version_once(database: Settings) -> None:
    view = await create_survey(slug="small", form=small_form())

    await asyncio.gather(*[replace_form(slug="small", form=small_form(f"Edit {number}")) for number in range(4)])

    rows = await SurveyVersion.select(SurveyVersion.number).where(SurveyVersion.survey == view.id).order_by(SurveyVersion.number)
    assert [row["number"] for row in rows] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("state", ["open", "closed"])
async def test_replace_form_is_refused_once_the_survey_was_open(database: Settings, state: str) -> None:
    view = await create_survey(slug="small", form=small_form())
    await open_survey("small", **WHO)
    if state == "closed":
        await close_survey("small", **WHO)

    with pytest.raises(Conflict, match="its form cannot change any more"):
        await replace_form(slug="small", form=small_form("Other"))

    assert await version_ids(view.id) == [view.version_id]


async def test_replace_form_of_an_unknown_survey(database: Settings) -> None:
    with pytest.raises(NotFound):
        await replace_form(slug="nothing", form=small_form())


async def test_open_survey_opens_a_complete_draft_and_records_who_did_it(database: Settings) -> None:
    view = await create_survey(slug="small", form=small_form())

    await open_survey("small", **WHO)

    now = await find_survey("small")
    assert (now.state, now.is_open, now.opened_on, now.closed_on) == (SurveyState.OPEN, True, clock.today(), None)
    events = await AuditEvent.select(AuditEvent.actor, AuditEvent.role, AuditEvent.action, AuditEvent.subject)
    assert events == [{**WHO, "action": "survey.open", "subject": f"survey:{view.id}"}]


async def test_open_survey_refuses_while_a_string_is_missing_and_lists_every_one(database: Settings) -> None:
    form = _without(small_form(), closing={"en": "Thank you", "ko": "  "}, title={"en": "Small"})
    await create_survey(slug="small", form=form)

    with pytest.raises(SurveyIncomplete) as caught:
        await open_survey("small", **WHO)

    assert [(item.language, item.where) for item in caught.value.missing] == [("ko", "title"), ("ko", "closing")]
    assert caught.value.message == (
        "The survey cannot open: strings are missing. Translate them, or take the language out of the form.\n"
        "  ko: title\n"
        "  ko: closing"
    )
    assert (await find_survey("small")).state == SurveyState.DRAFT
    assert await AuditEvent.count() == 0


async def test_open_survey_lists_a_choice_that_one_language_lacks(database: Settings) -> None:
    document = json.loads(write_form(bundled_form()))
    removed = document["sections"][0]["questions"][0]["choices"][3]["label"].pop("ar")
    await create_survey(slug="needs", form=msgspec.json.decode(json.dumps(document), type=Form))

    with pytest.raises(SurveyIncomplete) as caught:
        await open_survey("needs", **WHO)

    assert removed
    assert [(item.language, item.where) for item in caught.value.missing] == [
        ("ar", "sections.about_you.subdistrict.choices.maizidian.label")
    ]


async def test_open_survey_opens_once_the_string_was_brought(database: Settings) -> None:
    await create_survey(slug="small", form=_without(small_form(), closing={"en": "Thank you"}))
    await replace_form(slug="small", form=small_form())

    await open_survey("small", **WHO)

    assert (await find_survey("small")).is_open


async def test_open_survey_does_not_open_a_version_that_it_did_not_check(postgres_settings: Settings) -> None:
    """An edit that commits between the check and the opening: the draft stays one."""
    from survey.db.engine import bind_engine, make_engine, open_engine
    from survey.tables import ALL_TABLES

    engine = make_engine(postgres_settings)
    bind_engine(engine, ALL_TABLES)
    forget_forms()
    async with open_engine(engine, pool_size=3):
        view = await create_survey(slug="small", form=small_form())
        incomplete = _without(small_form(), closing={"en": "Thank you"})
        held, go_on = asyncio.Event(), asyncio.Event()

        async def edit_slowly() -> None:
            async with write_transaction(Survey):
                document = write_form(incomplete).decode()
                await SurveyVersion.insert(
                    SurveyVersion(survey=view.id, number=2, form=document, form_hash="x", created_at=clock.now())
                )
                held.set()
                await go_on.wait()

        editor = asyncio.create_task(edit_slowly())
        await held.wait()
        opener = asyncio.create_task(open_survey("small", **WHO))
        await asyncio.sleep(0.3)
        go_on.set()
        await editor

        with pytest.raises(Conflict):
            await opener
        assert (await find_survey("small")).state == SurveyState.DRAFT


async def test_close_survey_and_open_it_again_keep_the_first_day(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    day = dt.date(2026, 3, 1)
    monkeypatch.setattr(clock, "today", lambda: day)
    await create_survey(slug="small", form=small_form())
    await open_survey("small", **WHO)

    monkeypatch.setattr(clock, "today", lambda: day + dt.timedelta(days=20))
    await close_survey("small", **WHO)
    closed = await find_survey("small")
    monkeypatch.setattr(clock, "today", lambda: day + dt.timedelta(days=25))
    await open_survey("small", **WHO)
    again = await find_survey("small")

    assert (closed.state, closed.opened_on, closed.closed_on) == (SurveyState.CLOSED, day, dt.date(2026, 3, 21))
    assert (again.state, again.opened_on, again.closed_on) == (SurveyState.OPEN, day, None)
    assert [row["action"] for row in await AuditEvent.select().order_by(AuditEvent.id)] == [
        "survey.open", "survey.closed", "survey.open",
    ]  # fmt: skip


async def test_changes_of_state_that_do_not_follow_are_refused_in_words(database: Settings) -> None:
    await create_survey(slug="small", form=small_form())

    with pytest.raises(Conflict, match="small is draft and cannot become closed"):
        await close_survey("small", **WHO)
    await open_survey("small", **WHO)
    with pytest.raises(Conflict, match="small is open and cannot become open"):
        await open_survey("small", **WHO)

    assert (await find_survey("small")).is_open
    assert await AuditEvent.count() == 1


async def test_two_who_close_at_once_close_once(database: Settings) -> None:
    await create_survey(slug="small", form=small_form())
    await open_survey("small", **WHO)

    results = await asyncio.gather(*[close_survey("small", **WHO) for _ in range(3)], return_exceptions=True)

    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Conflict", "NoneType"]
    assert [row["action"] for row in await AuditEvent.select().order_by(AuditEvent.id)] == ["survey.open", "survey.closed"]


async def test_list_surveys_shows_the_newest_first_and_filters_by_state(database: Settings) -> None:
    for slug in ("one", "two", "three"):
        await create_survey(slug=slug, form=small_form())
    await open_survey("two", **WHO)

    assert [view.slug for view in await list_surveys()] == ["three", "two", "one"]
    assert [view.slug for view in await list_surveys(SurveyState.OPEN)] == ["two"]
    assert await list_surveys(SurveyState.CLOSED) == []


async def test_unknown_surveys_and_versions_are_not_found(database: Settings) -> None:
    with pytest.raises(NotFound):
        await find_survey("nothing")
    with pytest.raises(NotFound):
        await find_survey_by_id(999_999)
    with pytest.raises(NotFound):
        await checker_for(999_999)


async def test_find_survey_by_id_is_the_same_survey(database: Settings) -> None:
    view = await create_survey(slug="small", form=small_form())

    assert await find_survey_by_id(view.id) == await find_survey("small")


async def test_survey_title_falls_back_to_the_source_language(database: Settings) -> None:
    view = await create_survey(slug="small", form=small_form("Title"))

    assert [await survey_title(view, tag) for tag in ("en", "ko", "zh-Hans")] == ["Title", "(Title)", "Title"]


# Files


def test_bundled_form_has_no_problem_and_lacks_no_string_in_any_language() -> None:
    form = bundled_form()

    assert check_form(form) == []
    assert missing_strings(form) == []
    assert sorted(form.languages) == sorted(languages())


def test_parse_form_reads_what_write_form_wrote() -> None:
    assert parse_form(write_form(small_form())) == small_form()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b'{"title": 3}', b"null"])
def test_parse_form_says_in_one_line_that_something_is_no_form(data: bytes) -> None:
    with pytest.raises(FormInvalid) as caught:
        parse_form(data)

    assert caught.value.message.startswith("This is not a form: ")
    assert "\n" not in caught.value.message


def _with_language(tag: str) -> Form:
    form = small_form()
    return msgspec.structs.replace(form, languages=[*form.languages, tag])


def test_parse_form_takes_a_plain_variant_of_a_language() -> None:
    form = _with_language("en-x-easy")

    assert parse_form(write_form(form)).languages[-1] == "en-x-easy"


@pytest.mark.parametrize("tag", ["xx-x-easy", "en-x-hard"])
def test_parse_form_refuses_a_variant_of_nothing_that_the_interface_speaks(tag: str) -> None:
    with pytest.raises(FormInvalid, match=f"languages: {tag} is not a language of the interface"):
        parse_form(write_form(_with_language(tag)))


def test_parse_form_names_a_language_that_the_interface_does_not_speak() -> None:
    form = small_form()
    document = json.loads(write_form(form))
    document["languages"] = ["en", "tlh"]

    with pytest.raises(FormInvalid) as caught:
        parse_form(json.dumps(document).encode())

    assert caught.value.message.splitlines()[:1] == ["The form has problems:"]
    assert "  languages: tlh is not a language of the interface" in caught.value.message


def test_parse_form_lists_every_problem_with_its_place() -> None:
    document = json.loads(write_form(small_form()))
    document["sections"][0]["questions"][0]["choices"] = []
    document["source_language"] = "ja"

    with pytest.raises(FormInvalid) as caught:
        parse_form(json.dumps(document).encode())

    assert caught.value.message == (
        "The form has problems:\n"
        "  source_language: ja is not among the form's languages.\n"
        "  sections.only.likes: A question to choose from needs choices."
    )


def test_form_for_imported_texts_is_one_open_question_without_problems() -> None:
    form = text_form("bowling-green")

    assert check_form(form) == []
    assert missing_strings(form) == []
    assert [(question.id, question.use, question.length_limit) for question in form.questions()] == [("text", "needs", 100_000)]
