"""Creating, changing, opening and closing surveys."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from functools import lru_cache
from importlib import resources
from typing import Any

import msgspec

from survey import clock
from survey.audit.service import record_act
from survey.authoring.queries import SurveyView, find_survey, form_of
from survey.authoring.rules import Core, CoreList, CoreParts, core_problems, parts_of
from survey.authoring.states import Access, SampleKind, SurveyState, may_become
from survey.authoring.tables import Survey, SurveyVersion
from survey.db.ids import new_public_id
from survey.db.transaction import write_transaction
from survey.errors import Conflict, InputInvalid
from survey.i18n.languages import is_spoken, languages
from survey.questionnaire.form import Form, read_form, write_form
from survey.questionnaire.form_check import MissingString, check_form, missing_strings

BUNDLED = "community-needs"


class FormInvalid(InputInvalid):
    """The form cannot be used; the message has one line a problem."""


class SurveyIncomplete(Conflict):
    """Strings are missing in a language; `missing` lists them."""

    def __init__(self, missing: list[MissingString]) -> None:
        lines = [f"  {item.language}: {item.where}" for item in missing]
        super().__init__(
            "The survey cannot open: strings are missing. Translate them, or take the language out of the form.\n"
            + "\n".join(lines)
        )
        self.missing = missing


def bundled_form() -> Form:
    return read_form(_bundled(f"{BUNDLED}.json"))


def core_list() -> CoreList:
    return msgspec.json.decode(_bundled("core.json"), type=CoreList)


@lru_cache
def core() -> Core:
    """The core as it ships. Which questions it has is data; how they read, the bundled form says."""
    listed = core_list()
    return Core(listed.name, listed.version, {one.id: one for one in bundled_form().questions() if one.id in listed.questions})


def _bundled(name: str) -> bytes:
    return resources.files("survey.authoring").joinpath(f"bundled/{name}").read_bytes()


def core_parts(form: Form) -> CoreParts:
    return parts_of(form, core())


def parse_form(data: bytes) -> Form:
    """Read and check a form file. Raises FormInvalid with every problem and where it is, altered core questions among them."""
    try:
        form = read_form(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FormInvalid(f"This is not a form: {error}.") from error
    problems = [f"  {problem.where}: {problem.message}" for problem in [*check_form(form), *core_problems(form, core())]]
    problems += [
        f"  languages: {tag} is not a language of the interface; it speaks {', '.join(languages())}."
        for tag in form.languages
        if not is_spoken(tag)
    ]
    if problems:
        raise FormInvalid("The form has problems:\n" + "\n".join(problems))
    return form


async def create_survey(
    *,
    slug: str,
    form: Form,
    area_id: int | None = None,
    sample_kind: SampleKind = SampleKind.OPEN,
    is_fictional: bool = False,
    access: Access = Access.OPEN,
) -> SurveyView:
    """Create a draft with its first version. Raises Conflict where the slug is taken."""
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?", slug):
        raise InputInvalid(f"{slug!r} cannot be used in an address: use small letters, digits and hyphens.")
    async with write_transaction(Survey):
        if await Survey.exists().where(Survey.slug == slug):
            raise Conflict(f"There is a survey named {slug} already.")
        rows = await Survey.insert(
            Survey(
                public_id=new_public_id(),
                slug=slug,
                state=SurveyState.DRAFT,
                area=area_id,
                sample_kind=sample_kind,
                respondent_kind="resident",
                is_fictional=is_fictional,
                opened_on=None,
                closed_on=None,
                created_at=clock.now(),
                access=access,
            )
        ).returning(Survey.id)
        await _add_version(rows[0]["id"], 1, form)
    return await find_survey(slug)


async def replace_form(*, slug: str, form: Form) -> SurveyView:
    """Add a version. Only a draft takes one: an open survey's questions must not change under those who answer."""
    async with write_transaction(Survey):
        survey = await find_survey(slug)
        if survey.state != SurveyState.DRAFT:
            raise Conflict(f"{slug} has been opened; its form cannot change any more. Import it under another name.")
        await _add_version(survey.id, survey.version_number + 1, form)
    return await find_survey(slug)


async def _add_version(survey_id: int, number: int, form: Form) -> None:
    document = write_form(form)
    await SurveyVersion.insert(
        SurveyVersion(
            survey=survey_id,
            number=number,
            form=document.decode(),
            form_hash=hashlib.sha256(document).hexdigest(),
            created_at=clock.now(),
        )
    )


async def set_access(slug: str, access: Access, *, actor: str, role: str) -> None:
    """Let anybody answer, or only who was given a code. Only in a draft: later a rate would mix the two, and links lead nowhere."""
    async with write_transaction(Survey):
        survey = await find_survey(slug)
        if survey.state != SurveyState.DRAFT:
            raise Conflict(f"{slug} has been opened; who can answer it cannot change any more.")
        if survey.access == access:
            return
        await Survey.update({Survey.access: access}).where(Survey.id == survey.id)
        await record_act(actor=actor, role=role, action=f"survey.access.{access}", subject=f"survey:{survey.id}")


async def open_survey(slug: str, *, actor: str, role: str, on: dt.date | None = None) -> None:
    """Open a draft, or a closed survey again. Raises SurveyIncomplete while any string is missing (S01 c).

    `on` is another day than today, for what is told afterwards.
    """
    survey = await find_survey(slug)
    missing = missing_strings(await form_of(survey.version_id))
    if missing:
        raise SurveyIncomplete(missing)
    await _change_state(survey, SurveyState.OPEN, actor=actor, role=role, on=on)


async def close_survey(slug: str, *, actor: str, role: str) -> None:
    await _change_state(await find_survey(slug), SurveyState.CLOSED, actor=actor, role=role)


async def _change_state(survey: SurveyView, state: SurveyState, *, actor: str, role: str, on: dt.date | None = None) -> None:
    if not may_become(survey.state, state):
        raise Conflict(f"{survey.slug} is {survey.state} and cannot become {state}.")
    changes: dict[Any, Any] = {Survey.state: state}
    if state == SurveyState.OPEN and survey.opened_on is None:
        changes[Survey.opened_on] = on or clock.today()
    changes[Survey.closed_on] = clock.today() if state == SurveyState.CLOSED else None
    async with write_transaction(Survey):
        now = await find_survey(survey.slug)
        if (now.state, now.version_id) != (survey.state, survey.version_id):
            raise Conflict(f"Somebody else has just changed {survey.slug}. Look at it again.")
        await Survey.update(changes).where((Survey.id == survey.id) & (Survey.state == survey.state))
        await record_act(actor=actor, role=role, action=f"survey.{state}", subject=f"survey:{survey.id}")
