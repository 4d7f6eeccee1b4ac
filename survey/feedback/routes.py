"""What residents get back: with a receipt code, one's own answer, its copy, and the ways to correct and to withdraw it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Controller, Response, get, post

from survey.authoring.queries import SurveyView, find_survey, form_of
from survey.errors import NotFound
from survey.feedback.documents import OwnCopy, as_json, as_text, readable
from survey.i18n.languages import suited
from survey.questionnaire.answers import AnswerProblem
from survey.questionnaire.form import Form
from survey.responses.corrections import correct
from survey.responses.errors import AnswerCorrected, AnswersRefused, SurveyClosed
from survey.responses.forms import Raw, localized, written_texts
from survey.responses.pages import Typed, survey_page, typed_in
from survey.responses.queries import OwnAnswer, find_own_answer
from survey.responses.rules import CONFIRMATIONS
from survey.responses.service import withdraw
from survey.web.forms import FormData, first, read_form
from survey.web.limits import address_of, require
from survey.web.pages import html, posted_language, resident_language
from survey.web.request import WebRequest

COPIES = {"json": (as_json, "application/json"), "text": (as_text, "text/plain")}
"""By the step that asks for it: how a copy is written, and its media type."""


class ReceiptController(Controller):
    """The code travels in the body of a post, never in an address (ASVS 14.2.1)."""

    path = "/receipt"
    include_in_schema = False

    @get("/", name="feedback.receipt")
    async def show(self, request: WebRequest) -> Response[bytes]:
        return _page(request, resident_language(request))

    @post("/", name="feedback.own_answer", status_code=200)
    async def act(self, request: WebRequest) -> Response[bytes]:
        """Every step with a code. A correction comes with its questions' names, so that its own begin with an underscore."""
        fields = await read_form(request)
        require(request, "receipt", address_of(request))
        language = posted_language(request, fields)
        if "_revision" in fields:
            return await _save_correction(request, fields, language)
        code, step = first(fields, "code"), first(fields, "step")
        if step == "withdraw":
            is_gone = await withdraw(code)
            return _page(request, language, state="gone") if is_gone else _unknown(request, language, code)
        found = await _find(request, code, language)
        if found is None:
            return _unknown(request, language, code)
        if step == "correct" and found.own.is_open:
            return correction_page(
                found, raw=as_sent(found.own.answers), revision=found.own.revision, seed=found.own.order_seed
            )
        if step in COPIES:
            return _copy(found, step)
        return _own_page(found, language, state="sure" if step == "ask" else "own")


class Found(msgspec.Struct, frozen=True):
    """An answer that a code opened, and its form in the language of the page, or in its own where it does not speak that."""

    request: WebRequest
    code: str
    own: OwnAnswer
    view: SurveyView
    form: Form
    language: str


async def _find(request: WebRequest, code: str, language: str) -> Found | None:
    own = await find_own_answer(code)
    if own is None:
        return None
    form = await form_of(own.version_id)
    tag = suited(language, form.languages, form.source_language)
    view = await find_survey(own.survey_slug)
    return Found(request=request, code=code, own=own, view=view, form=form, language=tag)


def as_sent(answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Stored answers as a form would send them, to draw its fields filled in."""
    return {
        question: [str(value) for value in (answer if isinstance(answer, list) else [answer])]
        for question, answer in answers.items()
    }


async def _save_correction(request: WebRequest, fields: FormData, language: str) -> Response[bytes]:
    code = first(fields, "_code")
    found = await _find(request, code, language)
    if found is None:
        return _unknown(request, language, code)
    typed = typed_in(fields, language=found.language, client_id="", known={item.id for item in found.form.items()})
    revision = _number(first(fields, "_revision"))
    again = functools.partial(correction_page, raw=typed.raw, revision=revision, seed=typed.seed, step=typed.step)
    switch = first(fields, "_switch")
    if switch in found.form.languages and found.own.is_open:
        return again(msgspec.structs.replace(found, language=switch))
    try:
        receipt = await correct(code, raw=typed.raw, language=found.language, revision=revision)
    except AnswersRefused as refused:
        return again(found, problems=refused.problems, status=422)
    except AnswerCorrected as newer:
        return again(found, revision=newer.revision, notice="corrected", status=409)
    except SurveyClosed:
        return _own_page(found, language, state="own", status=410, typed=written_texts(found.form, typed.raw, found.language))
    except NotFound:  # withdrawn in the meantime
        return _unknown(request, language, code)
    return html(
        request, "resident/receipt.html", found.language, is_fictional=found.own.is_fictional, code=receipt.code,
        is_repeat=False, is_corrected=True, title=localized(found.form.title, found.language, found.form),
        closing=localized(found.form.closing, found.language, found.form), again="",
    )  # fmt: skip


def correction_page(
    found: Found,
    *,
    raw: Raw,
    revision: int,
    seed: int,
    step: str = "1",
    problems: list[AnswerProblem] | None = None,
    notice: str = "",
    status: int = 200,
) -> Response[bytes]:
    """The survey filled in with `raw`. It posts to /receipt: `_code`, `_revision`, `_language`, perhaps `_switch`, the answers."""
    typed = Typed(language=found.language, client_id="", seed=seed, raw=raw, step=step, confirmed=list(CONFIRMATIONS))
    return survey_page(
        found.request, found.view, found.form, typed, action="/receipt", kind="correction", problems=problems or [],
        hidden={"_code": found.code, "_revision": str(revision)}, notice=notice, status=status,
    )  # fmt: skip


def _copy(found: Found, step: str) -> Response[bytes]:
    write, media_type = COPIES[step]
    own = found.own
    copy = OwnCopy(
        survey=localized(found.form.title, found.language, found.form), received_on=own.received_on, language=found.language,
        answers=readable(found.form, own.answers, found.language),
    )  # fmt: skip
    name = f"linsheng-{own.received_on}.{'txt' if step == 'text' else step}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(write(copy), media_type=media_type, headers=headers)


def _own_page(found: Found, language: str, *, state: str, status: int = 200, **more: Any) -> Response[bytes]:
    own, tag = found.own, found.language
    return _page(
        found.request, language, code=found.code, state=state, status=status, is_open=own.is_open,
        received_on=own.received_on, is_fictional=own.is_fictional, title=localized(found.form.title, tag, found.form), form_lang=tag,
        answers=readable(found.form, own.answers, tag), **more,
    )  # fmt: skip


def _unknown(request: WebRequest, language: str, code: str) -> Response[bytes]:
    return _page(request, language, code=code, state="unknown", status=404)


def _page(
    request: WebRequest, language: str, *, code: str = "", state: str = "", status: int = 200, **more: Any
) -> Response[bytes]:
    return html(request, "resident/own_answer.html", language, status=status, code=code, state=state, **more)


def _number(text: str) -> int:
    """-1, which no revision is, where a browser changed the field: then the page is shown once more."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1
