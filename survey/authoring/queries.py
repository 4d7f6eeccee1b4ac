"""Reading surveys and their forms."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from survey.authoring.states import Access, SurveyState
from survey.authoring.tables import Survey, SurveyVersion
from survey.errors import NotFound
from survey.questionnaire.answers import FormChecker
from survey.questionnaire.form import Form, read_form


class SurveyView(msgspec.Struct, frozen=True):
    """A survey with the newest version of its form."""

    id: int
    public_id: str
    slug: str
    state: SurveyState
    area_id: int | None
    sample_kind: str
    respondent_kind: str
    is_fictional: bool
    opened_on: dt.date | None
    closed_on: dt.date | None
    version_id: int
    version_number: int
    access: Access = Access.OPEN
    wave: int = 1
    """The number of the wave in which answers come now, or came last."""

    @property
    def is_open(self) -> bool:
        return self.state == SurveyState.OPEN

    @property
    def is_by_invitation(self) -> bool:
        return self.access == Access.INVITATION


_forms: dict[int, FormChecker] = {}
"""Forms by version id. A version never changes, so a process reads it once; forget_forms() is for tests."""


def forget_forms() -> None:
    _forms.clear()


async def checker_for(version_id: int) -> FormChecker:
    found = _forms.get(version_id)
    if found is None:
        row = await SurveyVersion.select(SurveyVersion.form).where(SurveyVersion.id == version_id).first()
        if row is None:
            raise NotFound("This version of the survey does not exist.")
        found = _forms[version_id] = FormChecker(read_form(row["form"]))
    return found


async def form_of(version_id: int) -> Form:
    return (await checker_for(version_id)).form


async def survey_title(view: SurveyView, language: str) -> str:
    """The survey's title in a language, or in its source language."""
    form = await form_of(view.version_id)
    return form.title.get(language) or form.title[form.source_language]


async def find_survey(slug: str) -> SurveyView:
    """Raise NotFound for an unknown slug."""
    row = await Survey.select().where(Survey.slug == slug).first()
    if row is None:
        raise NotFound(f"There is no survey named {slug}.")
    return await _view(row)


async def find_survey_by_id(survey_id: int) -> SurveyView:
    row = await Survey.select().where(Survey.id == survey_id).first()
    if row is None:
        raise NotFound("There is no such survey.")
    return await _view(row)


async def list_surveys(state: SurveyState | None = None) -> list[SurveyView]:
    """Newest first."""
    query = Survey.select().order_by(Survey.id, ascending=False)
    if state is not None:
        query = query.where(Survey.state == state)
    return [await _view(row) for row in await query]


async def version_ids(survey_id: int) -> list[int]:
    rows = await SurveyVersion.select(SurveyVersion.id).where(SurveyVersion.survey == survey_id)
    return [row["id"] for row in rows]


async def _view(row: dict[str, Any]) -> SurveyView:
    version = await (
        SurveyVersion.select(SurveyVersion.id, SurveyVersion.number)
        .where(SurveyVersion.survey == row["id"])
        .order_by(SurveyVersion.number, ascending=False)
        .first()
    )
    assert version is not None, "a survey is created with its first version"
    return SurveyView(
        id=row["id"],
        public_id=row["public_id"],
        slug=row["slug"],
        state=SurveyState(row["state"]),
        area_id=row["area"],
        sample_kind=row["sample_kind"],
        respondent_kind=row["respondent_kind"],
        is_fictional=bool(row["is_fictional"]),
        opened_on=row["opened_on"],
        closed_on=row["closed_on"],
        version_id=version["id"],
        version_number=version["number"],
        access=Access(row["access"]),
        wave=row["wave"],
    )
