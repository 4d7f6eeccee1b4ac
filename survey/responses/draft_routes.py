"""Going on with a draft on another phone, by its code."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post

from survey.authoring.queries import checker_for, find_survey
from survey.i18n.languages import languages
from survey.responses.drafts import open_draft
from survey.responses.pages import closed_page, survey_page, typed_in
from survey.web.forms import first, read_form
from survey.web.limits import address_of, require
from survey.web.pages import html, posted_language, resident_language
from survey.web.request import WebRequest


class ResumeController(Controller):
    """The code travels in the body of a post; a picture code carries it behind `#`, which browsers do not send."""

    path = "/resume"
    include_in_schema = False

    @get("/", name="responses.resume")
    async def show(self, request: WebRequest) -> Response[bytes]:
        return _page(request, resident_language(request))

    @post("/", name="responses.resumed", status_code=200)
    async def resume(self, request: WebRequest) -> Response[bytes]:
        fields = await read_form(request)
        require(request, "receipt", address_of(request))
        language = posted_language(request, fields)
        code = first(fields, "code")[:80]
        draft = await open_draft(code)
        if draft is None:
            return _page(request, language, code=code, is_unknown=True, status=404)
        view = await find_survey(draft.survey_slug)
        checker = await checker_for(view.version_id)
        if not view.is_open:
            return closed_page(request, view, checker.form, draft.language, raw=draft.raw)
        saved = {**draft.raw, "_channel": [draft.channel]}
        typed = typed_in(saved, language=draft.language, client_id=draft.client_id, known=checker.items)
        return survey_page(
            request, view, checker.form, typed, action=f"/s/{view.slug}", notice="resumed", hidden={"_draft": code}
        )


def _page(
    request: WebRequest, language: str, *, code: str = "", is_unknown: bool = False, status: int = 200
) -> Response[Any]:
    links = {tag: f"/resume?lang={tag}" for tag in languages()}
    return html(
        request, "resident/resume.html", language, status=status, code=code, is_unknown=is_unknown, language_links=links
    )
