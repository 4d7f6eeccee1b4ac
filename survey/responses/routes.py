"""The resident's way in: choose a language, answer, get a receipt; and the same for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from survey.authoring.queries import SurveyView, checker_for, find_survey, form_of, list_surveys
from survey.authoring.states import SurveyState
from survey.i18n.languages import best_language, in_chooser_order, languages
from survey.i18n.speech import speech
from survey.questionnaire.answers import AnswerProblem
from survey.questionnaire.form import Form
from survey.responses.errors import (
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
    Typed,
    closed_page,
    empty_page,
    new_client_id,
    notice_page,
    survey_page,
    typed_in,
)
from survey.responses.rules import CLIENT_ID
from survey.responses.schemas import AnswersReply, ProblemReply, ReceiptReply, Refusal, SubmissionRequest
from survey.web.forms import first, read_form
from survey.web.pages import html, resident_language
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
            tag = language if language in form.languages else form.source_language
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
        wanted = request.query_params.get("lang", "")
        channel = request.query_params.get("c", "")[:32]
        if not view.is_open:
            return closed_page(request, view, form, _page_language(request, form))
        if wanted not in form.languages:
            return _chooser(request, view, form, channel, unknown=wanted)
        return survey_page(request, view, form, empty_page(wanted, channel), action=f"/s/{view.slug}")

    @get("/notice", name="responses.notice")
    async def notice(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        view = await find_survey(slug)
        form = await form_of(view.version_id)
        return notice_page(request, view, form, _page_language(request, form))

    @post("/", name="responses.answer", status_code=200)
    async def answer(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        fields = await read_form(request)
        view = await find_survey(slug)
        checker = await checker_for(view.version_id)
        form = checker.form
        language = first(fields, "_language")
        if language not in form.languages:
            language = _page_language(request, form)
        given = first(fields, "_client")
        # A new id where a browser lost or changed the page's: better counted twice than not taken.
        client_id = given if CLIENT_ID.fullmatch(given) else new_client_id()
        typed = typed_in(fields, language=language, client_id=client_id, known=checker.items)
        page = _Posted(request=request, view=view, form=form, typed=typed)
        switch = first(fields, "_switch")
        if switch in form.languages and view.is_open:
            return page.again(msgspec.structs.replace(typed, language=switch))
        if first(fields, "_more"):
            return page.again(status=422, notice="trap")
        return await self._submit(page)

    async def _submit(self, page: _Posted) -> Response[bytes]:
        intake: Intake = page.request.app.state.intake
        typed = page.typed
        unconfirmed = typed.missing_confirmations()
        try:
            if unconfirmed:
                await intake.check(slug=page.view.slug, raw=typed.raw)
                return page.again(status=422, unconfirmed=unconfirmed)
            receipt = await intake.submit(
                slug=page.view.slug, client_id=typed.client_id, language=typed.language, raw=typed.raw,
                channel_code=typed.channel, confirmed=typed.confirmed, seed=typed.seed,
            )  # fmt: skip
        except AnswersRefused as refused:
            return page.again(status=422, problems=refused.problems, unconfirmed=unconfirmed)
        except SurveyClosed:
            view = await find_survey(page.view.slug)
            return closed_page(page.request, view, page.form, typed.language, raw=typed.raw)
        except AnswerDiffers:
            return page.again(msgspec.structs.replace(typed, client_id=new_client_id()), status=409, notice="differs")
        except AnswerWithdrawn:
            return html(page.request, "resident/withdrawn.html", typed.language, status=410)
        return html(
            page.request, "resident/receipt.html", typed.language, is_fictional=page.view.is_fictional,
            code=receipt.code, is_repeat=receipt.is_repeat, closing=localized(page.form.closing, typed.language, page.form),
            again=_address(page.view.slug, typed.language, typed.channel),
        )  # fmt: skip


def _too_deep(request: WebRequest, _: RecursionError) -> Response[bytes]:
    """The JSON decoder gives up on deep nesting with an error of the interpreter, not of the format."""
    return problem_response(request, 400, "The JSON is nested too deeply.")


_ANSWERS = {
    201: ResponseSpec(ReceiptReply, description="The answers are durable; keep the receipt."),
    409: ResponseSpec(Refusal, description="Another answer was sent under this client id; that one stands."),
    410: ResponseSpec(Refusal, description="The survey is not open, or this answer was withdrawn."),
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
        gettext = speech("resident", data.language).gettext
        try:
            receipt = await intake.submit(
                slug=slug, client_id=data.client_id, language=data.language, raw=data.answers,
                channel_code=data.channel, source="api",
            )  # fmt: skip
        except AnswersRefused as refused:
            problems = [
                ProblemReply(question=item.question, code=item.code, message=problem_text(item, gettext))
                for item in refused.problems
            ]
            return Response(AnswersReply(status=422, detail=refused.message, problems=problems), status_code=422)
        except (SurveyClosed, AnswerDiffers, AnswerWithdrawn) as refused:
            detail = refusal_text(refused, gettext)
            return Response(Refusal(status=refused.status, detail=detail), status_code=refused.status)
        return Response(ReceiptReply(receipt=receipt.code, survey=slug, is_repeat=receipt.is_repeat), status_code=201)


class _Posted(msgspec.Struct, frozen=True):
    """A post as it came in, from which the page can be drawn again with nothing lost."""

    request: Any
    view: SurveyView
    form: Form
    typed: Typed

    def again(
        self, typed: Typed | None = None, *, status: int = 200, problems: Sequence[AnswerProblem] = (),
        unconfirmed: Sequence[str] = (), notice: str = "",
    ) -> Response[bytes]:  # fmt: skip
        return survey_page(
            self.request, self.view, self.form, typed or self.typed, action=f"/s/{self.view.slug}", problems=problems,
            unconfirmed=unconfirmed, status=status, notice=notice,
        )  # fmt: skip


def _chooser(request: WebRequest, view: SurveyView, form: Form, channel: str, *, unknown: str) -> Response[bytes]:
    """All languages in their own names, the browser's wish first."""
    tags = in_chooser_order(form.languages)
    liked = best_language(request.headers.get("accept-language", ""), tags)
    if liked:
        tags = [liked, *[tag for tag in tags if tag != liked]]
    return html(
        request, "resident/choose.html", tags[0], status=404 if unknown else 200,
        title=form.title[tags[0]], links={tag: _address(view.slug, tag, channel) for tag in tags},
        unknown_language=unknown[:20], is_fictional=view.is_fictional,
    )  # fmt: skip


def _page_language(request: WebRequest, form: Form) -> str:
    return resident_language(request, in_chooser_order(form.languages))


def _address(slug: str, language: str, channel: str) -> str:
    query = {"lang": language} | ({"c": channel} if channel else {})
    return f"/s/{slug}?{urlencode(query)}"
