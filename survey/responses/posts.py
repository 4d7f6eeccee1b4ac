"""What a posted survey page leads to: the page again with all that was typed, a draft's code, the receipt, or a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from litestar import Response
from litestar.datastructures import Cookie

from survey import clock
from survey.authoring.queries import SurveyView, checker_for, find_survey
from survey.i18n.speech import speech
from survey.outreach.pages import next_meetings
from survey.outreach.rules import pass_cookie_name, read_pass
from survey.questionnaire.answers import AnswerProblem, FormChecker
from survey.responses.drafts import DRAFT_DAYS, save_draft
from survey.responses.errors import (
    INVITATION_ERRORS,
    AnswerDiffers,
    AnswersRefused,
    AnswerWithdrawn,
    SurveyClosed,
    refusal_text,
)
from survey.responses.forms import localized
from survey.responses.intake import Intake
from survey.responses.pages import (
    ANSWERED_COOKIE,
    Typed,
    answered_surveys,
    closed_page,
    new_client_id,
    page_language,
    survey_address,
    survey_page,
    typed_in,
)
from survey.responses.rules import CLIENT_ID
from survey.web.forms import FormData, first, read_form
from survey.web.limits import limits_of, retry_after
from survey.web.pages import html, remember_language
from survey.web.request import WebRequest

_ANSWERED_LASTS = 180 * 86400


class _Post(msgspec.Struct, frozen=True):
    """A post as it came in, from which the page can be drawn again with nothing lost."""

    request: Any
    view: SurveyView
    checker: FormChecker
    typed: Typed
    fields: FormData
    action: str
    kind: Literal["answer", "assisted"]

    def again(
        self, typed: Typed | None = None, *, status: int = 200, problems: Sequence[AnswerProblem] = (),
        unconfirmed: Sequence[str] = (), notice: str = "", refusal: str = "",
    ) -> Response[bytes]:  # fmt: skip
        draft = first(self.fields, "_draft")
        return survey_page(
            self.request, self.view, self.checker.form, typed or self.typed, action=self.action, kind=self.kind,
            problems=problems, unconfirmed=unconfirmed, status=status, notice=notice, refusal=refusal,
            hidden={"_draft": draft[:40]} if draft else {},
        )  # fmt: skip


async def receive(
    request: WebRequest, view: SurveyView, *, action: str, kind: Literal["answer", "assisted"] = "answer"
) -> Response[bytes]:
    """Read a posted page of an open or closed survey and answer it. `action` is where the page posts to."""
    fields = await read_form(request)
    checker = await checker_for(view.version_id)
    language = first(fields, "_language")
    if language not in checker.form.languages:
        language = page_language(request, checker.form)
    given = first(fields, "_client")
    # A new id where a browser lost or changed the page's: better counted twice than not taken.
    client_id = given if CLIENT_ID.fullmatch(given) else new_client_id()
    typed = typed_in(fields, language=language, client_id=client_id, known=checker.items)
    post = _Post(request, view, checker, typed, fields, action, kind)
    switch = first(fields, "_switch")
    if switch in checker.form.languages and view.is_open:
        page = post.again(msgspec.structs.replace(typed, language=switch))
        remember_language(request, page, switch)
        return page
    if first(fields, "_more"):
        return post.again(status=422, notice="trap")
    is_draft = bool(first(fields, "_save")) and view.is_open and kind == "answer"
    intake: Intake = request.app.state.intake
    wait = limits_of(request).allow("drafts" if is_draft else "answers", *await intake.way(view.slug, typed.channel))
    if wait:
        page = post.again(status=429, notice="busy")
        page.headers.update(retry_after(wait))
        return page
    return await (_save(post) if is_draft else _submit(post))


async def _save(post: _Post) -> Response[bytes]:
    typed, view = post.typed, post.view
    code = await save_draft(
        survey_id=view.id, client_id=typed.client_id, language=typed.language, channel=typed.channel,
        raw=typed.as_draft(), code=first(post.fields, "_draft"),
    )  # fmt: skip
    base = post.request.app.state.settings.url.rstrip("/")
    return html(
        post.request, "resident/saved.html", typed.language, code=code, days=DRAFT_DAYS, is_fictional=view.is_fictional,
        title=localized(post.checker.form.title, typed.language, post.checker.form), address=f"{base}/resume",
    )  # fmt: skip


async def _submit(post: _Post) -> Response[bytes]:
    request, view, typed, form = post.request, post.view, post.typed, post.checker.form
    intake: Intake = request.app.state.intake
    settings = request.app.state.settings
    cookie = pass_cookie_name(is_secure=settings.has_secure_cookies)
    unconfirmed = typed.missing_confirmations()
    try:
        if unconfirmed:
            await intake.check(slug=view.slug, raw=typed.raw)
            return post.again(status=422, unconfirmed=unconfirmed)
        receipt = await intake.submit(
            slug=view.slug, client_id=typed.client_id, language=typed.language, raw=typed.raw, channel_code=typed.channel,
            confirmed=typed.confirmed, seed=typed.seed, seconds=typed.seconds(clock.now()),
            source="form" if post.kind == "answer" else "assisted",
            invitation=read_pass(settings.secret, view.public_id, request.cookies.get(cookie, ""), clock.now()),
        )  # fmt: skip
    except AnswersRefused as refused:
        return post.again(status=422, problems=refused.problems, unconfirmed=unconfirmed)
    except SurveyClosed:
        now = await find_survey(view.slug)  # it closed since the post began: the page says on which day
        return closed_page(request, now, form, typed.language, raw=typed.raw)
    except AnswerDiffers:
        return post.again(msgspec.structs.replace(typed, client_id=new_client_id()), status=409, notice="differs")
    except AnswerWithdrawn:
        return html(request, "resident/withdrawn.html", typed.language, status=410)
    except INVITATION_ERRORS as refused:
        gettext = speech("resident", typed.language).gettext
        return post.again(status=refused.status, notice="invitation", refusal=refusal_text(refused, gettext))
    page = html(
        request, "resident/receipt.html", typed.language, is_fictional=view.is_fictional, code=receipt.code,
        is_repeat=receipt.is_repeat, closing=localized(form.closing, typed.language, form),
        title=localized(form.title, typed.language, form), contact=localized(form.notice.contact, typed.language, form),
        again=survey_address(view.slug, typed.language, typed.channel) if post.kind == "answer" else post.action,
        **await next_meetings(request, survey_id=view.id, area_id=view.area_id, language=typed.language),
    )  # fmt: skip
    page.delete_cookie(cookie)  # the next person on this phone brings a code of their own
    if post.kind == "answer":
        _remember_answer(request, page, view.slug)
    return page


def _remember_answer(request: WebRequest, page: Response[bytes], slug: str) -> None:
    """So that a second visit is asked politely whether to correct the first answer. It names the survey and nothing else."""
    known = [other for other in answered_surveys(request) if other != slug][-19:]
    page.set_cookie(
        Cookie(
            key=ANSWERED_COOKIE, value="~".join([*known, slug]), path="/", httponly=True, samesite="lax",
            secure=request.app.state.settings.has_secure_cookies, max_age=_ANSWERED_LASTS,
        )
    )  # fmt: skip
