"""What tests/places.py expects to find beside the demonstration's survey: surveys in every state, themes decided on, plans, people."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import msgspec

from survey import clock
from survey.accounts import service as accounts
from survey.accounts.rules import Actor, RoleKind
from survey.accounts.tables import OneTimeLink
from survey.authoring.queries import find_survey
from survey.authoring.service import bundled_form, close_survey, create_survey, open_survey
from survey.cli.context import open_database
from survey.db.transaction import write_transaction
from survey.jobs.states import JobState
from survey.jobs.tables import Job
from survey.plans.queries import list_items
from survey.plans.service import create_plan, remove_item
from survey.questionnaire.form import Form
from survey.settings import Settings
from survey.themes.queries import find_theme, list_themes
from survey.themes.service import ask_for_analysis, decide
from survey.themes.states import EventKind
from tests.conftest import add_account
from tests.places import CLOSED, DRAFT, EMPTY_PLAN, INCOMPLETE, PLAN, SURVEY, WELCOME

ADMINISTRATOR = "ada"
"""Signs in with the PASSWORD of tests/conftest.py."""


def copy_database(source: Path, target: Path) -> None:
    """Copy a database that a server may be writing to."""
    with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(target)) as new:
        old.backup(new)


async def furnish(settings: Settings) -> None:
    """Fill a copy of the demonstration."""
    async with open_database(settings):
        for slug in (DRAFT, CLOSED):
            await create_survey(slug=slug, form=bundled_form())
        await create_survey(slug=INCOMPLETE, form=_with_a_gap(bundled_form()))
        await open_survey(CLOSED, actor="test", role="administrator")
        await close_survey(CLOSED, actor="test", role="administrator")
        administrator = await add_account(ADMINISTRATOR, RoleKind.ADMINISTRATOR)
        await _add_link(await add_account("newcomer", RoleKind.COMMITTEE))
        await _decide_on_themes(Actor(administrator, ADMINISTRATOR, RoleKind.ADMINISTRATOR, None, 0))
        for slug in (DRAFT, INCOMPLETE):
            await ask_for_analysis((await find_survey(slug)).id)
        async with write_transaction(Job):
            newest = await Job.select(Job.id).order_by(Job.id, ascending=False).first()
            assert newest
            await Job.update({Job.state: JobState.FAILED}).where(Job.id == newest["id"])


def _with_a_gap(form: Form) -> Form:
    """A form with a title that was not translated into Korean."""
    return msgspec.structs.replace(form, title={**form.title, "ko": ""})


async def _add_link(account: int) -> None:
    async with write_transaction(OneTimeLink):
        await OneTimeLink.insert(
            OneTimeLink(token_hash=accounts._hash(WELCOME), account=account, expires_at=clock.now() + accounts.LINK_LASTS)
        )


async def _decide_on_themes(actor: Actor) -> None:
    """The largest is accepted and in a plan, the smallest dismissed."""
    survey = await find_survey(SURVEY)
    themes = sorted((t for t in await list_themes(survey.id) if not t.is_rest), key=lambda t: (-t.people, t.key))
    await decide(themes[0], EventKind.ACCEPT, actor=actor)
    await decide(themes[-1], EventKind.DISMISS, actor=actor)
    accepted = [await find_theme(themes[0].public_id)]
    await create_plan(survey_id=survey.id, title=PLAN, themes=accepted, actor=actor)
    empty = await create_plan(survey_id=survey.id, title=EMPTY_PLAN, themes=accepted, actor=actor)
    for item in await list_items(empty.id):
        await remove_item(item, actor=actor)
