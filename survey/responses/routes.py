"""The resident's way in: choose a language, answer, get a receipt; and the same for programs."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from survey import clock
from survey.authoring.queries import SurveyView, find_survey, form_of, list_surveys
from survey.authoring.states import SurveyState
from survey.codes import hash_code
from survey.i18n.languages import best_language, in_chooser_order, languages, suited
from survey.i18n.speech import speech
from survey.outreach.queries import channel_by_code
from survey.outreach.rules import Stage, pass_cookie_name, read_pass
from survey.questionnaire.form import Form
from survey.responses.errors import (
    INVITATION_ERRORS,
    AnswerDiffers,
    AnswersRefused,
    AnswerWithdrawn,
    SurveyClosed,
    problem_text,
    refusal_text,
)
from survey.responses.forms import localized
from survey.responses.intake import Intake
from survey.responses.pages import (
    answered_surveys,
    closed_page,
    empty_page,
    notice_page,
    page_language,
    survey_address,
    survey_page,
)
from survey.responses.posts import receive
from survey.responses.schemas import AnswersReply, ProblemReply, ReceiptReply, Refusal, SubmissionRequest
from survey.web.limits import require
from survey.web.pages import LANGUAGE_COOKIE, html, resident_language
from survey.web.problems import problem_response
from survey.web.request import WebRequest


class HomeController(Controller):
    include_in_schema = False

    @get("/", name="responses.home")
    async def home(self, request: WebRequest) -> Response[bytes]:
        language = resident_language(request)
        surveys = []
        for view in await list_surveys(SurveyState.OPEN):
            form = await form_of(view.version_id)
            tag = suited(language, form.languages, form.source_language)
            surveys.append(
                {
                    "lang": tag,
                    "title": form.title[tag],
                    "minutes": form.minutes,
                    "is_fictional": view.is_fictional,
                    "href": f"/s/{view.slug}?lang={tag}",
                }
            )
        links = {tag: f"/?lang={tag}" for tag in languages()}
        return html(
            request, "resident/home.html", language, surveys=surveys, language_links=links,
            is_fictional=any(item["is_fictional"] for item in surveys),
        )  # fmt: skip


class SurveyController(Controller):
    path = "/s/{slug:str}"
    include_in_schema = False

    @get("/", name="responses.survey")
    async def show(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        view = await find_survey(slug)
        form = await form_of(view.version_id)
        code = request.query_params.get("c", "")[:32]
        channel = await channel_by_code(view.id, code)
        if not view.is_open:
            return closed_page(request, view, form, page_language(request, form))
        settings = request.app.state.settings
        if view.is_by_invitation:
            cookie = request.cookies.get(pass_cookie_name(is_secure=settings.has_secure_cookies), "")
            if read_pass(settings.secret, view.public_id, cookie, clock.now()) is None:
                return _invitation_needed(request, view)
        wanted = request.query_params.get("lang", "")
        default = channel.default_language if channel else ""
        if wanted not in form.languages and (wanted or not _tells_language(request, form, default)):
            return _chooser(request, view, form, code, unknown=wanted)
        request.app.state.funnel.count(view.id, channel.id if channel else None, Stage.OPENED)
        language = page_language(request, form, default)
        notice = "answered" if slug in answered_surveys(request) else ""
        return survey_page(request, view, form, empty_page(language, code), action=f"/s/{view.slug}", notice=notice)

    @get("/notice", name="responses.notice")
    async def notice(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        view = await find_survey(slug)
        form = await form_of(view.version_id)
        return notice_page(request, view, form, page_language(request, form))

    @post("/", name="responses.answer", status_code=200)
    async def answer(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        return await receive(request, await find_survey(slug), action=f"/s/{slug}")


def _too_deep(request: WebRequest, _: RecursionError) -> Response[bytes]:
    """The JSON decoder gives up on deep nesting with an error of the interpreter, not of the format."""
    return problem_response(request, 400, "The JSON is nested too deeply.")


_ANSWERS = {
    201: ResponseSpec(ReceiptReply, description="The answers are durable; keep the receipt."),
    403: ResponseSpec(Refusal, description="The survey needs an invitation."),
    404: ResponseSpec(Refusal, description="There is no such survey, or no such invitation."),
    409: ResponseSpec(Refusal, description="Another answer was sent under this client id, or the invitation was used before."),
    410: ResponseSpec(Refusal, description="The survey is not open, the invitation expired, or this answer was withdrawn."),
    422: ResponseSpec(AnswersReply, description="Some answers do not fit their questions."),
}


class ResponsesApi(Controller):
    path = "/api/v1/surveys/{slug:str}/responses"
    tags = ["responses"]
    exception_handlers = {RecursionError: _too_deep}

    @post("/", name="api.responses.create", summary="Send one person's answers", status_code=201, responses=_ANSWERS)
    async def create(
        self, request: WebRequest, slug: FromPath[str], data: JSONBody[SubmissionRequest]
    ) -> Response[Any]:
        """201 with a receipt once the answers are durable; the same receipt again for the same client id and answers;
        409 for the same client id with other answers; 410 for a closed survey; 422 with a list of problems.
        """
        intake: Intake = request.app.state.intake
        require(request, "answers", *await intake.way(slug, data.channel))
        gettext = speech("resident", data.language).gettext
        try:
            receipt = await intake.submit(
                slug=slug, client_id=data.client_id, language=data.language, raw=data.answers,
                channel_code=data.channel, source="api",
                invitation=hash_code(data.invitation) if data.invitation else None,
            )  # fmt: skip
        except AnswersRefused as refused:
            problems = [
                ProblemReply(question=item.question, code=item.code, message=problem_text(item, gettext))
                for item in refused.problems
            ]
            return Response(AnswersReply(status=422, detail=refused.message, problems=problems), status_code=422)
        except (SurveyClosed, AnswerDiffers, AnswerWithdrawn, *INVITATION_ERRORS) as refused:
            detail = refusal_text(refused, gettext)
            return Response(Refusal(status=refused.status, detail=detail), status_code=refused.status)
        return Response(ReceiptReply(receipt=receipt.code, survey=slug, is_repeat=receipt.is_repeat), status_code=201)


def _tells_language(request: WebRequest, form: Form, default: str) -> bool:
    """Whether a visitor, or the way they came, tells which language suits: a choice made before, the browser, the channel."""
    liked = best_language(request.headers.get("accept-language", ""), form.languages)
    return bool(liked or default in form.languages or LANGUAGE_COOKIE in request.cookies)


def _chooser(request: WebRequest, view: SurveyView, form: Form, channel: str, *, unknown: str) -> Response[bytes]:
    """All languages in their own names, the browser's wish first."""
    tags = in_chooser_order(form.languages)
    liked = best_language(request.headers.get("accept-language", ""), tags)
    if liked:
        tags = [liked, *[tag for tag in tags if tag != liked]]
    return html(
        request, "resident/choose.html", tags[0], status=404 if unknown else 200,
        title=localized(form.title, tags[0], form), links={tag: survey_address(view.slug, tag, channel) for tag in tags},
        unknown_language=unknown[:20], is_fictional=view.is_fictional,
    )  # fmt: skip


def _invitation_needed(request: WebRequest, view: SurveyView) -> Response[bytes]:
    links = {tag: f"/s/{view.slug}?lang={tag}" for tag in languages()}
    return html(
        request, "resident/invitation.html", resident_language(request), status=403, problem="needed", code="",
        language_links=links, is_fictional=view.is_fictional,
    )  # fmt: skip
