"""Making and changing plans, and what their documents may say; on both engines."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from survey import clock
from survey.accounts.rules import Actor, RoleKind
from survey.audit.tables import AuditEvent
from survey.authoring.queries import SurveyView
from survey.errors import Conflict, InputInvalid, NotAllowed, NotFound
from survey.plans.queries import PlanView, find_plan, list_items, list_plans
from survey.plans.service import add_themes, create_plan, edit_item, plan_document, remove_item
from survey.plans.tables import Plan, PlanItem
from survey.responses.service import withdraw
from survey.settings import Settings
from survey.statements.queries import list_statements
from survey.themes.queries import ThemeView
from survey.themes.service import decide
from survey.themes.states import EventKind
from tests.conftest import bundled_survey
from tests.plans.conftest import DOCTORS, DRILLING, NEIGHBOURS, PLACES_TO_PARK, new_actor, reviewed
from tests.voices import DOCTOR, Person, analyse, record, themes_by_key

WORDS = {"goal": "An interpreter", "lead": "Health office", "deadline": dt.date(2027, 1, 31), "measure": "Ten languages"}


async def _plan(survey: SurveyView, actor: Actor, *keys: str) -> tuple[PlanView, dict[str, ThemeView]]:
    themes = await reviewed(survey, actor, *keys)
    plan = await create_plan(survey_id=survey.id, title="Plan 2026", themes=[themes[key] for key in keys], actor=actor)
    return plan, themes


async def test_create_plan_takes_themes_in_their_order(database: Settings) -> None:
    survey, chen = await bundled_survey(), await new_actor()
    themes = await reviewed(survey, chen, DOCTORS, DRILLING)

    plan = await create_plan(
        survey_id=survey.id, title="  Plan \n 2026 ", themes=[themes[DRILLING], themes[DOCTORS]], actor=chen
    )

    items = await list_items(plan.id)
    assert plan.title == "Plan 2026"
    assert [(item.position, item.theme_id, item.revision) for item in items] == [
        (1, themes[DRILLING].id, 1),
        (2, themes[DOCTORS].id, 1),
    ]
    assert [(item.goal, item.lead, item.deadline, item.measure) for item in items] == [("", "", None, "")] * 2
    again = await create_plan(survey_id=survey.id, title="Plan 2026", themes=[themes[DOCTORS]], actor=chen)  # a button tapped twice
    assert (again.id, len(await list_items(plan.id))) == (plan.id, 2)
    acts = await AuditEvent.select().where(AuditEvent.subject == f"plan:{plan.public_id}")
    assert [(act["actor"], act["role"], act["action"]) for act in acts] == [("chen", "committee", "plan.created")]


@pytest.mark.parametrize("title", ["", " \n ", "x" * 121])
async def test_create_plan_refuses_a_title_that_cannot_be_used(database: Settings, title: str) -> None:
    survey, chen = await bundled_survey(), await new_actor()
    themes = await reviewed(survey, chen, DOCTORS)

    with pytest.raises(InputInvalid, match="1 to 120 characters"):
        await create_plan(survey_id=survey.id, title=title, themes=[themes[DOCTORS]], actor=chen)

    assert await Plan.count() == 0


async def test_create_plan_takes_accepted_themes_of_its_survey_alone(database: Settings) -> None:
    survey, other, chen = await bundled_survey("mine"), await bundled_survey("other"), await new_actor()
    themes, theirs = await reviewed(survey, chen, DOCTORS), await reviewed(other, chen, DOCTORS)
    await decide(themes[DRILLING], EventKind.DISMISS, actor=chen, why="one person")
    themes = await themes_by_key(survey)

    for wrong in ([], [themes[PLACES_TO_PARK]], [themes[DOCTORS], themes[DRILLING]], [theirs[DOCTORS]]):
        with pytest.raises(InputInvalid):
            await create_plan(survey_id=survey.id, title="Plan", themes=wrong, actor=chen)

    assert (await Plan.count(), await PlanItem.count()) == (0, 0)


async def test_add_themes_keeps_what_is_there_and_adds_each_once(database: Settings) -> None:
    survey, chen = await bundled_survey(), await new_actor()
    themes = await reviewed(survey, chen, DOCTORS, DRILLING)
    plan = await create_plan(survey_id=survey.id, title="Plan", themes=[themes[DOCTORS]], actor=chen)
    [first] = await list_items(plan.id)
    await edit_item(first, revision=1, actor=chen, **WORDS)

    await asyncio.gather(*(add_themes(plan, [themes[DOCTORS], themes[DRILLING]], actor=chen) for _ in range(3)))

    items = await list_items(plan.id)
    assert [(item.position, item.theme_id, item.goal) for item in items] == [
        (1, themes[DOCTORS].id, "An interpreter"),
        (2, themes[DRILLING].id, ""),
    ]


async def test_add_themes_refuses_what_nobody_accepted(database: Settings) -> None:
    survey, chen = await bundled_survey(), await new_actor()
    plan, themes = await _plan(survey, chen, DOCTORS)

    with pytest.raises(InputInvalid, match="Only accepted themes"):
        await add_themes(plan, [themes[DRILLING]], actor=chen)

    assert len(await list_items(plan.id)) == 1


async def test_edit_item_stores_the_words_and_counts_the_revision(database: Settings) -> None:
    survey, chen = await bundled_survey(), await new_actor()
    plan, _ = await _plan(survey, chen, DOCTORS)
    [item] = await list_items(plan.id)

    await edit_item(item, revision=1, actor=chen, **WORDS)

    [after] = await list_items(plan.id)
    assert {name: getattr(after, name) for name in WORDS} == WORDS
    assert after.revision == 2
    assert await AuditEvent.count().where(AuditEvent.action == "plan.item_changed") == 1


async def test_edit_item_of_two_editors_keeps_the_first(database: Settings) -> None:
    survey, chen = await bundled_survey(), await new_actor()
    plan, _ = await _plan(survey, chen, DOCTORS)
    [item] = await list_items(plan.id)

    results = await asyncio.gather(
        *(edit_item(item, revision=1, actor=chen, **{**WORDS, "goal": f"goal {number}"}) for number in range(5)),
        return_exceptions=True,
    )

    [after] = await list_items(plan.id)
    winners = [number for number, result in enumerate(results) if result is None]
    assert [type(result) for result in results if result is not None] == [Conflict] * 4
    assert (after.goal, after.revision) == (f"goal {winners[0]}", 2)
    assert await AuditEvent.count().where(AuditEvent.action == "plan.item_changed") == 1


@pytest.mark.parametrize("revision", [0, 2, -1, 10**30])
async def test_edit_item_of_another_revision_is_a_conflict(database: Settings, revision: int) -> None:
    survey, chen = await bundled_survey(), await new_actor()
    plan, _ = await _plan(survey, chen, DOCTORS)
    [item] = await list_items(plan.id)

    with pytest.raises(Conflict):
        await edit_item(item, revision=revision, actor=chen, **WORDS)

    assert await list_items(plan.id) == [item]


@pytest.mark.parametrize("field", ["goal", "lead", "measure"])
async def test_edit_item_refuses_a_field_that_is_too_long(database: Settings, field: str) -> None:
    survey, chen = await bundled_survey(), await new_actor()
    plan, _ = await _plan(survey, chen, DOCTORS)
    [item] = await list_items(plan.id)

    with pytest.raises(InputInvalid, match="at most 2000 characters, the lead 200"):
        await edit_item(item, revision=1, actor=chen, **{**WORDS, field: "x" * 2001})

    assert await list_items(plan.id) == [item]


async def test_remove_item_leaves_the_others_and_the_theme(database: Settings) -> None:
    survey, chen = await bundled_survey(), await new_actor()
    plan, themes = await _plan(survey, chen, DOCTORS, DRILLING)
    first, second = await list_items(plan.id)

    await remove_item(first, actor=chen)

    assert await list_items(plan.id) == [second]
    assert await themes_by_key(survey) == themes
    assert await AuditEvent.count().where(AuditEvent.action == "plan.item_removed") == 1


async def test_changes_are_not_for_roles_without_review(database: Settings) -> None:
    survey, chen = await bundled_survey(), await new_actor()
    plan, themes = await _plan(survey, chen, DOCTORS)
    [item] = await list_items(plan.id)
    partner = Actor(account_id=chen.account_id, name="hotel", role=RoleKind.PARTNER, area_id=None, session_id=0)

    for attempt in (
        create_plan(survey_id=survey.id, title="Plan", themes=[themes[DOCTORS]], actor=partner),
        add_themes(plan, [themes[DOCTORS]], actor=partner),
        edit_item(item, revision=1, actor=partner, **WORDS),
        remove_item(item, actor=partner),
    ):
        with pytest.raises(NotAllowed):
            await attempt

    assert await list_plans() == [plan]
    assert await list_items(plan.id) == [item]


async def test_list_plans_newest_first_and_by_survey(database: Settings) -> None:
    survey, other, chen = await bundled_survey("mine"), await bundled_survey("other"), await new_actor()
    first, themes = await _plan(survey, chen, DOCTORS)
    theirs, _ = await _plan(other, chen, DOCTORS)
    last = await create_plan(survey_id=survey.id, title="Plan 2027", themes=[themes[DOCTORS]], actor=chen)

    assert await list_plans() == [last, theirs, first]
    assert await list_plans(survey.id) == [last, first]
    assert await find_plan(theirs.public_id) == theirs
    with pytest.raises(NotFound):
        await find_plan("no-such")


async def test_document_figures_are_rounded_to_five_and_carry_survey_dates_and_n(database: Settings) -> None:
    survey, chen = await bundled_survey(), await new_actor()
    plan, themes = await _plan(survey, chen, DOCTORS, DRILLING)
    [item, _] = await list_items(plan.id)
    await edit_item(item, revision=1, actor=chen, **WORDS)

    document = await plan_document(plan, "en")

    today = clock.today()
    assert (document.title, document.survey) == ("Plan 2026", "What does your neighbourhood need?")
    assert document.dates == (today - dt.timedelta(days=2), today)
    # 44 people answered and wrote; 23 need a doctor, 12 hear drilling.
    assert (document.responses, document.wrote) == (45, 45)
    assert [(entry.number, entry.theme_id, entry.theme, entry.people, entry.share) for entry in document.entries] == [
        (1, themes[DOCTORS].public_id, "Doctors who speak our language", 25, 25 / 45),
        (2, themes[DRILLING].public_id, "Construction noise", 10, 10 / 45),
    ]
    assert {name: getattr(document.entries[0], name) for name in WORDS} == WORDS


async def test_document_of_nine_people_tells_no_number_and_no_quote(database: Settings) -> None:
    """All nine allowed to be quoted: the words of so few could still tell who they are."""
    survey, chen = await bundled_survey(), await new_actor()
    plan, _ = await _plan(survey, chen, PLACES_TO_PARK)

    [entry] = (await plan_document(plan, "en")).entries

    assert (entry.people, entry.share, entry.quotes) == (None, None, [])


async def test_document_prints_at_most_two_quotes_of_people_who_allowed_it(database: Settings) -> None:
    survey, chen = await bundled_survey(), await new_actor()
    plan, _ = await _plan(survey, chen, DOCTORS)

    quotes = (await plan_document(plan, "zh-Hans")).entries[0].quotes

    allowed = {person.need for person in NEIGHBOURS if person.may_quote}
    assert len(quotes) == 2
    assert {quote.text for quote in quotes} <= allowed
    assert {quote.language for quote in quotes} == {"en"}
    assert all(quote.reading for quote in quotes)


async def test_document_prints_no_quote_of_an_answer_that_was_withdrawn(database: Settings) -> None:
    survey, chen = await bundled_survey(), await new_actor()
    receipts = await record(survey, [Person(need=f"{DOCTOR} at {place}") for place in ("night", "noon")])
    kept = await record(survey, [Person(need=DOCTOR, may_quote=False) for _ in range(20)])
    themes = await analyse(survey)
    await decide(themes[DOCTORS], EventKind.ACCEPT, actor=chen)
    plan = await create_plan(survey_id=survey.id, title="Plan", themes=[(await themes_by_key(survey))[DOCTORS]], actor=chen)
    before = (await plan_document(plan, "en")).entries[0].quotes

    await withdraw(receipts[0].code)

    after = (await plan_document(plan, "en")).entries[0].quotes
    assert {quote.text for quote in before} == {f"{DOCTOR} at night", f"{DOCTOR} at noon"}
    assert [quote.text for quote in after] == [f"{DOCTOR} at noon"]
    assert len(kept) == 20


async def test_document_of_one_who_withdraws_the_consent_alone_prints_no_quote(database: Settings) -> None:
    from survey.responses.tables import Consent

    survey, chen = await bundled_survey(), await new_actor()
    plan, _ = await _plan(survey, chen, DOCTORS)
    responses = {view.response for view in await list_statements(survey.id)}
    await Consent.delete().where(Consent.response.is_in(sorted(responses)) & (Consent.purpose == "quote"))

    [entry] = (await plan_document(plan, "en")).entries

    assert (entry.people, entry.quotes) == (25, [])


async def test_document_speaks_the_language_and_shows_the_names_that_people_gave(database: Settings) -> None:
    survey, chen = await bundled_survey(), await new_actor()
    plan, themes = await _plan(survey, chen, DOCTORS)
    await decide(themes[DOCTORS], EventKind.RENAME, actor=chen, names={"zh-Hans": "外语看病"})

    chinese, english = await plan_document(plan, "zh-Hans"), await plan_document(plan, "en")

    assert (chinese.entries[0].theme, english.entries[0].theme) == ("外语看病", "Doctors who speak our language")
    assert (chinese.language, english.language) == ("zh-Hans", "en")
    assert chinese.survey != english.survey


async def test_document_id_changes_with_printed_figures_and_tells_nothing_else(database: Settings) -> None:
    survey, chen = await bundled_survey(), await new_actor()
    plan, _ = await _plan(survey, chen, DOCTORS)
    before = await plan_document(plan, "en")
    await record(survey, [Person(need="Nothing to add here, flonk")])
    await analyse(survey)
    one_more = await plan_document(plan, "en")  # 45 people instead of 44: 45 in print, both times
    await record(survey, [Person(need=DOCTOR) for _ in range(5)])
    await analyse(survey)

    five_more = await plan_document(plan, "en")

    assert (one_more.wrote, one_more.source_id) == (before.wrote, before.source_id)
    assert five_more.entries[0].people == 30
    assert five_more.source_id != before.source_id


async def test_document_of_a_theme_that_nobody_names_any_more_tells_no_number(database: Settings) -> None:
    survey, chen = await bundled_survey(), await new_actor()
    receipts = await record(survey, [Person(need=DOCTOR) for _ in range(12)])
    await decide((await analyse(survey))[DOCTORS], EventKind.ACCEPT, actor=chen)
    plan = await create_plan(survey_id=survey.id, title="Plan", themes=[(await themes_by_key(survey))[DOCTORS]], actor=chen)
    for receipt in receipts:
        await withdraw(receipt.code)

    await analyse(survey)

    document = await plan_document(plan, "en")
    assert [(entry.theme, entry.people, entry.share, entry.quotes) for entry in document.entries] == [
        ("Doctors who speak our language", None, None, [])
    ]
    assert (document.responses, document.wrote) == (None, None)
