"""What a visitor of the survey's pages does and finds, for the tests of those pages."""

from __future__ import annotations

import re
from typing import Any

from survey.authoring.queries import find_survey
from survey.i18n.speech import speech
from survey.responses.queries import count_responses, iterate_responses
from tests.pages import Page, PageClient

SURVEY = "/s/community-needs"
TAGS = ["zh-Hans", "zh-Hant", "en", "ko", "ja", "ru", "fr", "de", "es", "ar"]
RECEIPT_CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}")

WHO = {"subdistrict": "wangjing", "time_in_beijing": "2_to_5_years", "origin": "another_country"}
"""The three questions that want an answer."""

TICKS = {"_age": "yes", "_agree": "yes"}
"""What a page asks for besides."""

SENT = {**WHO, **TICKS}

WRITTEN = {
    "script": "<script>alert('x')</script></textarea><b onmouseover=alert(1)>",
    "emoji": "👩‍👩‍👧 needs a 🏥, not a 🅿️",
    "arabic": "أحتاج إلى طبيب يتكلم English، رقم 12345",
    "quotes": "\"double\" 'single' “curly” «guillemets» &amp; & &lt;",
    "templates": "{{ 7 * 7 }} {% if x %} %(num)d %s ${HOME}",
    "lines": "\r\nthe first line is empty\r\n\r\n  and this one stands in",
    "cells": "=cmd|'/c calc'!A1",
}
"""What residents and others might write, and pages and databases might stumble over."""


async def open_form(pages: PageClient, language: str = "en", more: str = "") -> Page:
    return await pages.get(f"{SURVEY}?lang={language}{more}")


def hidden_in(page: Page) -> dict[str, str]:
    """The fields that a person does not see."""
    return {name: value for name, value in page.fields() if name.startswith("_")}


def answers_in(fields: dict[str, str | list[str]]) -> list[tuple[str, str]]:
    """Names and values as a form sends them, sorted, without what is asked for besides the questions."""
    given = {name: values for name, values in fields.items() if not name.startswith("_")}
    return sorted((name, value) for name, values in given.items() for value in ([values] if isinstance(values, str) else values))


def code_on(page: Page) -> str:
    code = page.words("//*[@id='receipt-code']")[0]
    assert RECEIPT_CODE.fullmatch(code)
    return code


async def stored(slug: str = "community-needs") -> list[dict[str, Any]]:
    return [row async for row in iterate_responses((await find_survey(slug)).id)]


async def count_of(slug: str = "community-needs") -> int:
    return await count_responses((await find_survey(slug)).id)


def say(language: str, message: str) -> str:
    return speech("resident", language).gettext(message)
