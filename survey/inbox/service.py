"""Which statement somebody may open, by where it was written. Unknown and out of reach look alike."""

from __future__ import annotations

from survey.accounts.rules import Actor
from survey.authoring.access import Areas, reach_answers, surveys_with_answers
from survey.authoring.queries import SurveyView, find_survey_by_id
from survey.errors import NotFound
from survey.statements.queries import FullStatement, find_statement
from survey.statements.search import Reach


async def reach_statement(actor: Actor, public_id: str) -> tuple[FullStatement, SurveyView, Areas | None]:
    """A statement that this person may read, its survey, and the areas of it that they reach. Raises NotFound."""
    statement = await find_statement(public_id)
    try:
        view, areas = await reach_answers(actor, (await find_survey_by_id(statement.survey_id)).slug)
    except NotFound:
        raise NotFound("There is no such statement.") from None
    if areas is not None and statement.area not in areas:
        raise NotFound("There is no such statement.")
    return statement, view, areas


async def reach_texts(actor: Actor) -> Reach:
    """The surveys of which this person may read texts, and the areas in each."""
    return {view.id: areas for view, areas in await surveys_with_answers(actor)}
