"""Surveys by invitation, and batches of codes for them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from survey import clock
from survey.authoring.queries import SurveyView, find_survey
from survey.authoring.service import bundled_form, create_survey, open_survey
from survey.authoring.states import Access
from survey.outreach.invitations import BatchView, batch_codes, create_batch
from tests.conftest import SECRET

CLOSED_HOUSE = "closed-house"


async def invited_survey(slug: str = CLOSED_HOUSE, *, is_open: bool = True, access: Access = Access.INVITATION) -> SurveyView:
    await create_survey(slug=slug, form=bundled_form(), access=access)
    if is_open:
        await open_survey(slug, actor="test", role="administrator")
    return await find_survey(slug)


async def batch_of(survey: SurveyView, size: int = 3, *, days: int = 30, **changes: Any) -> BatchView:
    """A batch whose last day is in so many days."""
    wanted = {"name": "望京西园 5 号楼", "channel_id": None, "expires_on": clock.today() + dt.timedelta(days=days), **changes}
    return await create_batch(secret=SECRET, survey=survey, size=size, actor="chen", role="committee", **wanted)


async def codes_of(survey: SurveyView, size: int = 3, *, days: int = 30) -> list[str]:
    return batch_codes(SECRET, await batch_of(survey, size, days=days))
