"""Where a social worker, a volunteer or the committee begins to answer for a resident who asks for it."""

from __future__ import annotations

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.rules import Right
from survey.authoring.access import reach_answers, surveys_with_answers
from survey.authoring.queries import form_of, survey_title
from survey.authoring.states import SurveyState
from survey.i18n.languages import languages, suited
from survey.responses.pages import closed_page, empty_page, survey_page
from survey.responses.posts import receive
from survey.web.pages import desk_language
from survey.web.request import WebRequest


class AssistController(Controller):
    path = "/desk/assist"
    guards = [requires_sign_in]
    opt = needs(Right.ASSIST)
    include_in_schema = False

    @get("/", name="responses.assist")
    async def surveys(self, request: WebRequest) -> Response[bytes]:
        """The open surveys. Counts and answers are not shown here: who helps sees what is entered, and no more."""
        language = desk_language(request)
        rows = []
        for view, _ in await surveys_with_answers(actor_of(request), SurveyState.OPEN):
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

    @get("/{slug:str}", name="responses.assisted")
    async def form(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        """The survey in the resident's language. What is entered is marked as such; who entered it is not stored with it."""
        view, _ = await reach_answers(actor_of(request), slug)
        form = await form_of(view.version_id)
        wanted = request.query_params.get("lang", "")
        language = suited(wanted or desk_language(request), form.languages, form.source_language)
        if not view.is_open:
            return closed_page(request, view, form, language)
        return survey_page(
            request, view, form, empty_page(language), action=f"/desk/assist/{slug}", kind="assisted", notice="assisted"
        )

    @post("/{slug:str}", name="responses.assisted_answer", status_code=200)
    async def answer(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        view, _ = await reach_answers(actor_of(request), slug)
        return await receive(request, view, action=f"/desk/assist/{slug}", kind="assisted")
