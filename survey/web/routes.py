"""Pages that belong to no feature: what was done so that everybody can use this service, and what is not known yet."""

from __future__ import annotations

import datetime as dt

from litestar import Response, get

from survey.i18n.languages import languages
from survey.web.pages import html, resident_language
from survey.web.request import WebRequest

TESTED_ON = dt.date(2026, 11, 26)
"""The day of the last `make sweep` without a finding. Whoever runs it again changes the day, and the page where it says less."""


@get("/accessibility", name="web.accessibility", include_in_schema=False, sync_to_thread=False)
def accessibility(request: WebRequest) -> Response[bytes]:
    return html(
        request, "resident/accessibility.html", resident_language(request), tested_on=TESTED_ON,
        language_links={tag: f"/accessibility?lang={tag}" for tag in languages()},
    )  # fmt: skip
