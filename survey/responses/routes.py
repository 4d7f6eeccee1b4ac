"""The resident's way in: choose a language, answer, get a receipt; and the same for programs."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from survey.authoring.queries import SurveyView, find_survey, form_of, list_surveys
from survey.authoring.states import SurveyState
from survey.i18n.languages import best_language, languages
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
from survey.responses.forms import page_sections, visibility_style
from survey.responses.intake import Intake
from survey.responses.rules import CLIENT_ID
from survey.responses.schemas import AnswersReply, ProblemReply, ReceiptReply, Refusal, SubmissionRequest
from survey.web.forms import FormData, first, read_form
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
            return _closed_page(request, view, form, _page_language(request, form))
        if wanted not in form.languages:
            return _chooser(request, view, form, channel, unknown=wanted)
        return _survey_page(request, view, form, wanted, client_id=_new_client_id(), channel=channel, raw={})

    @post("/", name="responses.answer", status_code=200)
    async def answer(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        fields = await read_form(request)
        view = await find_survey(slug)
        form = await form_of(view.version_id)
        language = first(fields, "_language")
        if language not in form.languages:
            language = _page_language(request, form)
        known = {question.id for question in form.questions()}
        raw = {name: values for name, values in fields.items() if name in known}
        page = _Typed(request=request, view=view, form=form, language=language, raw=raw, fields=fields)
        switch = first(fields, "_switch")
        if switch in form.languages and view.is_open:
            return msgspec.structs.replace(page, language=switch).again(status=200)
        if first(fields, "_more"):
            return page.again(status=422, notice="trap")
        return await self._submit(page)

    async def _submit(self, page: _Typed) -> Response[bytes]:
        intake: Intake = page.request.app.state.intake
        try:
            receipt = await intake.submit(
                slug=page.view.slug,
                client_id=page.client_id,
                language=page.language,
                raw=page.raw,
                channel_code=first(page.fields, "_channel"),
            )
        except AnswersRefused as refused:
            return page.again(status=422, problems=refused.problems)
        except SurveyClosed:
            view = await find_survey(page.view.slug)
            return _closed_page(page.request, view, page.form, page.language, raw=page.raw)
        except AnswerDiffers:
            return page.again(status=409, notice="differs", client_id=_new_client_id())
        except AnswerWithdrawn:
            return html(page.request, "resident/withdrawn.html", page.language, status=410)
        return html(
            page.request, "resident/receipt.html", page.language, is_fictional=page.view.is_fictional,
            code=receipt.code, is_repeat=receipt.is_repeat, closing=page.form.closing[page.language],
            again=_address(page.view.slug, page.language, first(page.fields, "_channel")),
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


class _Typed(msgspec.Struct, frozen=True):
    """A post as it came in, from which the page can be drawn again with nothing lost."""

    request: Any
    view: SurveyView
    form: Form
    language: str
    raw: Mapping[str, list[str]]
    fields: FormData

    @property
    def client_id(self) -> str:
        """The page's id; a new one where a browser lost or changed it: better counted twice than not taken."""
        given = first(self.fields, "_client")
        return given if CLIENT_ID.fullmatch(given) else _new_client_id()

    def again(
        self, *, status: int, problems: list[AnswerProblem] | None = None, notice: str = "", client_id: str = ""
    ) -> Response[bytes]:
        return _survey_page(
            self.request, self.view, self.form, self.language, raw=self.raw, problems=problems or [], status=status,
            notice=notice, client_id=client_id or self.client_id,
            channel=first(self.fields, "_channel"),
        )  # fmt: skip


def _survey_page(
    request: WebRequest,
    view: SurveyView,
    form: Form,
    language: str,
    *,
    client_id: str,
    channel: str,
    raw: Mapping[str, list[str]],
    problems: list[AnswerProblem] | None = None,
    notice: str = "",
    status: int = 200,
) -> Response[bytes]:
    gettext = speech("resident", language).gettext
    errors = {problem.question: problem_text(problem, gettext) for problem in problems or []}
    labels = {question.id: question.label[language] for question in form.questions()}
    return html(
        request, "resident/survey.html", language, status=status, style=visibility_style(form),
        form=_localized(form, language), sections=page_sections(form, language, raw, errors),
        problems=[{"id": key, "label": labels.get(key, key), "message": text} for key, text in errors.items()],
        notice=notice, client_id=client_id, channel=channel, is_fictional=view.is_fictional,
        action=f"/s/{view.slug}",
    )  # fmt: skip


def _localized(form: Form, language: str) -> dict[str, Any]:
    notice = {name: getattr(form.notice, name)[language] for name in form.notice.__struct_fields__}
    return {
        "title": form.title[language],
        "intro": form.intro[language],
        "minutes": form.minutes,
        "languages": [tag for tag in languages() if tag in form.languages],
        "notice": notice,
    }


def _chooser(request: WebRequest, view: SurveyView, form: Form, channel: str, *, unknown: str) -> Response[bytes]:
    """All languages in their own names, the browser's wish first."""
    tags = [tag for tag in languages() if tag in form.languages]
    liked = best_language(request.headers.get("accept-language", ""), tags)
    if liked:
        tags = [liked, *[tag for tag in tags if tag != liked]]
    return html(
        request, "resident/choose.html", tags[0], status=404 if unknown else 200,
        title=form.title[tags[0]], links={tag: _address(view.slug, tag, channel) for tag in tags},
        unknown_language=unknown[:20], is_fictional=view.is_fictional,
    )  # fmt: skip


def _closed_page(
    request: WebRequest, view: SurveyView, form: Form, language: str, raw: Mapping[str, list[str]] | None = None
) -> Response[bytes]:
    typed = [
        {"label": question.label[language], "text": text}
        for question in form.questions()
        if question.is_text
        for text in (raw or {}).get(question.id, [])
        if text.strip()
    ]
    return html(
        request, "resident/closed.html", language, status=410, title=form.title[language], state=view.state.value,
        closed_on=view.closed_on, typed=typed, is_fictional=view.is_fictional,
    )  # fmt: skip


def _page_language(request: WebRequest, form: Form) -> str:
    return resident_language(request, [tag for tag in languages() if tag in form.languages])


def _address(slug: str, language: str, channel: str) -> str:
    query = {"lang": language} | ({"c": channel} if channel else {})
    return f"/s/{slug}?{urlencode(query)}"


def _new_client_id() -> str:
    return secrets.token_urlsafe(24)
