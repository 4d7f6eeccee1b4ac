"""What residents get back: with a receipt code, one's own answer, and the way to withdraw it."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post

from survey.authoring.queries import form_of
from survey.i18n.languages import languages
from survey.i18n.speech import speech
from survey.questionnaire.form import Form, Question
from survey.questionnaire.values import REFUSED
from survey.responses.queries import find_own_answer
from survey.responses.service import withdraw
from survey.web.forms import first, read_form
from survey.web.pages import html, resident_language
from survey.web.request import WebRequest


class ReceiptController(Controller):
    """The code travels in the body of a post, never in an address (ASVS 14.2.1)."""

    path = "/receipt"
    include_in_schema = False

    @get("/", name="feedback.receipt")
    async def show(self, request: WebRequest) -> Response[bytes]:
        return self._page(request, resident_language(request))

    @post("/", name="feedback.own_answer", status_code=200)
    async def look_up(self, request: WebRequest) -> Response[bytes]:
        fields = await read_form(request)
        language = first(fields, "_language")
        language = language if language in languages() else resident_language(request)
        code, step = first(fields, "code"), first(fields, "step")
        if step == "withdraw":
            is_gone = await withdraw(code)
            if is_gone:
                return self._page(request, language, state="gone")
            return self._page(request, language, code=code, state="unknown", status=404)
        own = await find_own_answer(code)
        if own is None:
            return self._page(request, language, code=code, state="unknown", status=404)
        form = await form_of(own.version_id)
        tag = language if language in form.languages else form.source_language
        return self._page(
            request, language, code=code, state="sure" if step == "ask" else "own", received_on=own.received_on,
            title=form.title[tag], form_lang=tag, answers=_readable(form, own.answers, tag),
        )  # fmt: skip

    @staticmethod
    def _page(
        request: WebRequest, language: str, *, code: str = "", state: str = "", status: int = 200, **more: Any
    ) -> Response[bytes]:
        return html(request, "resident/own_answer.html", language, status=status, code=code, state=state, **more)


def _readable(form: Form, answers: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """Question and answer as the person saw them."""
    refused = speech("resident", language).gettext("I prefer not to say")
    return [
        {"label": question.label[language], "text": _words(question, answers[question.id], language, refused)}
        for question in form.questions()
        if question.id in answers
    ]


def _words(question: Question, answer: Any, language: str, refused: str) -> str:
    if answer == REFUSED:
        return refused
    labels = {choice.value: choice.label[language] for choice in question.choices}
    values = answer if isinstance(answer, list) else [answer]
    return "\n".join(labels.get(value, str(value)) for value in values)
