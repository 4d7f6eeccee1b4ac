from __future__ import annotations

import itertools

from survey.authoring.states import SurveyState, may_become

ALLOWED = {("draft", "open"), ("open", "closed"), ("closed", "open")}


def test_survey_opens_closes_and_opens_again_and_nothing_else() -> None:
    found = {(now.value, then.value) for now, then in itertools.product(SurveyState, repeat=2) if may_become(now, then)}

    assert found == ALLOWED
