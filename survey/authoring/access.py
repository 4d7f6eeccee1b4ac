"""Which surveys somebody reaches, by the area of the role that they act in. Unknown and out of reach look alike: NotFound.

A role reaches the whole of a survey whose area lies within its own. Of a survey of a wider area (a district's, for a member of one
subdistrict's committee) it reaches the single answers from its own area, and nothing that is made of everybody's answers.
A role without an area, and a survey without one, are for all areas.
"""

from __future__ import annotations

from survey.accounts.queries import area_parents
from survey.accounts.rules import Actor, lies_within
from survey.authoring.queries import SurveyView, find_survey, find_survey_by_id, list_surveys
from survey.authoring.states import SurveyState
from survey.errors import NotFound

Areas = frozenset[int]


async def reach_survey(actor: Actor, slug: str) -> SurveyView:
    """A survey of which this person may see and change the whole."""
    return await _whole(actor, await find_survey(slug))


async def reach_survey_by_id(actor: Actor, survey_id: int) -> SurveyView:
    return await _whole(actor, await find_survey_by_id(survey_id))


async def reach_answers(actor: Actor, slug: str) -> tuple[SurveyView, Areas | None]:
    """A survey, and the areas whose single answers this person may read; None stands for all, those without an area too."""
    view = await find_survey(slug)
    is_reached, areas = _part(actor, view, await area_parents())
    if not is_reached:
        raise NotFound(f"There is no survey named {slug}.")
    return view, areas


async def reachable_surveys(actor: Actor, state: SurveyState | None = None) -> list[SurveyView]:
    """Those that this person reaches as a whole, newest first."""
    return [view for view, areas in await surveys_with_answers(actor, state) if areas is None]


async def surveys_with_answers(actor: Actor, state: SurveyState | None = None) -> list[tuple[SurveyView, Areas | None]]:
    """Those of which this person reaches at least the answers of some areas, newest first."""
    parents = await area_parents()
    found = [(view, *_part(actor, view, parents)) for view in await list_surveys(state)]
    return [(view, areas) for view, is_reached, areas in found if is_reached]


async def areas_within(actor: Actor) -> Areas:
    """All areas of this person's role."""
    parents = await area_parents()
    return frozenset(area for area in parents if lies_within(area, actor.area_id, parents))


async def _whole(actor: Actor, view: SurveyView) -> SurveyView:
    if not lies_within(view.area_id, actor.area_id, await area_parents()):
        raise NotFound(f"There is no survey named {view.slug}.")
    return view


def _part(actor: Actor, view: SurveyView, parents: dict[int, int | None]) -> tuple[bool, Areas | None]:
    if lies_within(view.area_id, actor.area_id, parents):
        return True, None
    if not lies_within(actor.area_id, view.area_id, parents):
        return False, frozenset()
    return True, frozenset(area for area in parents if lies_within(area, actor.area_id, parents))
