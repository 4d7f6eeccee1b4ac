"""Reading HTML forms: plain lists of strings, handed to pure checks (binding them to types fails on one box: pitfall L1)."""

from __future__ import annotations

import re
from typing import NamedTuple

from litestar.datastructures import UploadFile
from litestar.exceptions import ValidationException

from survey.web.request import WebRequest

FormData = dict[str, list[str]]

MAX_FIELDS = 2000

_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of a text around: in a name or a comment it would turn what stands beside it on pages and in minutes."""


class Upload(NamedTuple):
    """A file that a browser sent. The name is the sender's: a wish, no path."""

    name: str
    data: bytes


async def read_form(request: WebRequest) -> FormData:
    """Return every field with all its values, in the order of the form. Files are refused.

    NUL is left out: PostgreSQL stores none, and nobody types it. At the desk so is what turns a text's direction around; residents'
    answers are kept as they were written, and shown without it (statements/wording.py).
    """
    fields, upload = await read_form_with_file(request, "")
    assert upload is None
    return fields


async def read_form_with_file(request: WebRequest, file_field: str) -> tuple[FormData, Upload | None]:
    """The same for a form with one file, None where none was chosen. Its size is held by the limit of the whole body."""
    upload: Upload | None = None
    try:
        data = await request.form()
    except (UnicodeDecodeError, LookupError) as error:  # bytes or a charset that litestar hands on unread
        raise ValidationException("This form is not written in UTF-8.") from error
    is_desk = request.url.path.startswith("/desk/")
    fields: FormData = {}
    for count, (name, value) in enumerate(data.multi_items()):
        if file_field and name == file_field and isinstance(value, UploadFile) and upload is None:
            content = await value.read()
            upload = Upload(value.filename, content) if value.filename or content else None
            continue
        if count >= MAX_FIELDS or not isinstance(value, str):
            raise ValidationException("This form has too many fields, or a file.")
        cleaned = value.replace("\x00", "")
        fields.setdefault(name, []).append(_OVERRIDES.sub("", cleaned) if is_desk else cleaned)
    return fields, upload


def whole_number(text: str, digits: int = 18) -> int | None:
    """The number that a form or an address sent, of at most so many digits; None for anything else, a sign included."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def first(fields: FormData, name: str) -> str:
    """Return the trimmed first value, or an empty string."""
    values = fields.get(name)
    return values[0].strip() if values else ""
