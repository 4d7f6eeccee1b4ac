"""Which statement somebody may open, by where it was written. Unknown and out of reach look alike."""

from __future__ import annotations

from survey.accounts.rules import Actor, Right, may
from survey.authoring.access import Areas, reach_answers, surveys_with_answers
from survey.authoring.queries import SurveyView, find_survey_by_id
from survey.db.ids import PUBLIC_ID
from survey.errors import NotFound
from survey.statements.queries import FullStatement, find_statement
from survey.statements.rules import audiences_for
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
    if statement.audience and (not may(actor, Right.CONDUCT) or statement.audience not in audiences_for(actor.role)):
        raise NotFound("There is no such statement.")
    return statement, view, areas


async def reach_texts(actor: Actor) -> Reach:
    """The surveys of which this person may read texts, and the areas in each."""
    return {view.id: areas for view, areas in await surveys_with_answers(actor)}


async def statement_id(public_id: str) -> int | None:
    """The statement behind which a page begins; None, which is the newest, for one that was withdrawn since."""
    if not PUBLIC_ID.fullmatch(public_id):
        return None
    try:
        return (await find_statement(public_id)).id
    except NotFound:
        return None
