"""The page that says what was tested for accessibility and what was not, and the footer that leads there."""

from __future__ import annotations

import pytest

from survey.i18n.formatting import date_text
from survey.i18n.languages import languages
from survey.i18n.speech import speech
from survey.web.routes import TESTED_ON
from tests.pages import PageClient


@pytest.mark.parametrize("tag", ["en", "zh-Hans", "ar"])
async def test_page_says_what_was_tested_when_and_what_was_not(pages: PageClient, tag: str):
    say = speech("resident", tag).gettext

    page = await pages.get(f"/accessibility?lang={tag}")

    assert (page.language, page.h1) == (tag, say("Accessibility"))
    assert page.words("//h2") == [
        say("What was tested"), say("What was not tested"), say("If something does not work for you"),
    ]  # fmt: skip
    assert say("Last tested on %(day)s.", day=date_text(TESTED_ON, tag)) in page.text
    assert [len(points.findall("li")) for points in page.all("//main/ul")] == [6, 3]
    assert "12345" in page.words("//main/p")[-1]


async def test_page_is_offered_in_every_language(pages: PageClient):
    page = await pages.get("/accessibility?lang=en")

    assert [link.get("href") for link in page.all("//details//a")] == [f"/accessibility?lang={tag}" for tag in languages()]


@pytest.mark.parametrize(
    ("address", "status"), [("/?lang=en", 200), ("/receipt?lang=en", 200), ("/nothing?lang=en", 404), ("/accessibility?lang=en", 200)]
)
async def test_footer_leads_home_to_ones_own_answer_and_to_accessibility(pages: PageClient, address: str, status: int):
    page = await pages.get(address, status=status)

    assert [link.get("href") for link in page.all("//footer//a")] == ["/?lang=en", "/receipt?lang=en", "/accessibility?lang=en"]
