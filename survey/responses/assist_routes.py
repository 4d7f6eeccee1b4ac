"""Where a social worker, a volunteer or the committee begins to answer for a resident who asks for it."""

from __future__ import annotations

from litestar import Controller, Response, get

from survey.accounts.guards import FOR_ASSISTANTS, requires_sign_in
from survey.accounts.pages import desk_page
from survey.authoring.queries import form_of, list_surveys, survey_title
from survey.authoring.states import SurveyState
from survey.i18n.languages import languages
from survey.web.pages import desk_language
from survey.web.request import WebRequest


class AssistController(Controller):
    path = "/desk/assist"
    guards = [requires_sign_in]
    opt = FOR_ASSISTANTS
    include_in_schema = False

    @get("/", name="responses.assist")
    async def surveys(self, request: WebRequest) -> Response[bytes]:
        """The open surveys. Counts and answers are not shown here: who helps sees what is entered, and no more."""
        language = desk_language(request)
        rows = []
        for view in await list_surveys(SurveyState.OPEN):
            form = await form_of(view.version_id)
            rows.append(
                {
                    "view": view,
                    "title": await survey_title(view, language),
                    "minutes": form.minutes,
                    "languages": [languages()[tag].own_name for tag in languages() if tag in form.languages],
                }
            )
        return desk_page(request, "desk/assist.html", here="assist", rows=rows)
