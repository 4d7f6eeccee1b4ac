"""That the pseudo language is one, and that a word written by hand into a page is found wherever it hides."""

from __future__ import annotations

import httpx
import pytest

from survey.i18n.speech import speech
from tests.i18n.pseudo import LATIN, PLACEHOLDER, everybody_speaks_pseudo, plain_words, pseudo
from tests.pages import Page

TITLE, CLOSED, SEND, SENDING = pseudo("Title"), pseudo("Closed on %(day)s"), pseudo("Send"), pseudo("Sending")
PAGE = f"""<!doctype html><html lang="zh-Hans"><head><title>{TITLE} · 邻声 Linsheng</title></head><body>
<h1 title="{TITLE}">{{title}}</h1><p>{CLOSED % {"day": "2026年11月26日"}}</p><p>您需要什么？</p><p>12345 · 3,5 %</p>
<input name="need_most" data-module="survey" data-tree='[["a", "b c"]]' placeholder="{{placeholder}}">
<button data-busy="{{busy}}">{SEND}</button><div dir="auto">第一行
{{typed}}</div><code>linsheng init</code>{{more}}</body></html>"""
KNOWN = {"您需要什么？", "第一行"}


def page(**changed: str) -> Page:
    parts = {"title": TITLE, "placeholder": " ", "busy": SENDING, "typed": "第一行", "more": "", **changed}
    request = httpx.Request("GET", "http://127.0.0.1:8000/")
    return Page(httpx.Response(200, html=PAGE.format(**parts), request=request))


def test_pseudo_is_longer_accented_and_keeps_its_placeholders():
    assert pseudo("Send %(n)s") == "[Śéńď %(n)s~~]"
    assert PLACEHOLDER.findall(pseudo("%(first)s to %(last)s, %(num)d")) == ["%(first)s", "%(last)s", "%(num)d"]
    assert not set(LATIN) & set(pseudo(LATIN))
    assert len(pseudo("Please compare it letter by letter.")) >= 1.35 * len("Please compare it letter by letter.")


def test_speech_is_pseudo_for_a_while_and_only_for_what_the_catalogs_hold():
    before = speech("resident", "ko").gettext("Your code")

    with everybody_speaks_pseudo():
        said = [speech("resident", "ko").gettext(text) for text in ("Your code", "Nobody gathered this")]
        counted = speech("resident", "ko").ngettext("About %(num)d minute", "About %(num)d minutes", 7)
        desk = speech("desk", "zh-Hans").gettext("Your code")

    assert said == [pseudo("Your code"), "Nobody gathered this"]
    assert counted == pseudo("About %(num)d minutes") % {"num": 7}
    assert desk == "Your code"  # a string of residents' pages, which the desk's catalog lacks
    assert speech("resident", "ko").gettext("Your code") == before != pseudo("Your code")


def test_page_without_a_plain_word_is_taken():
    assert plain_words(page(), KNOWN) == []


@pytest.mark.parametrize(
    ("part", "text", "found"),
    [
        ("title", "Hello", "Hello"),
        ("title", f"{TITLE} now", f"{TITLE} now"),
        ("title", CLOSED % {"day": "Monday"}, CLOSED % {"day": "Monday"}),  # the value of a placeholder
        ("title", "提交", "提交"),
        ("placeholder", "Your name", "Your name"),
        ("busy", "Sending", "Sending"),
        ("typed", "Write here", "Write here"),
        ("more", '<img alt="A map">', "A map"),
        ("more", '<p aria-label="Part">1</p>', "Part"),
        ("more", '<input type="submit" value="Go">', "Go"),
        ("more", "<script>let wanted = 'no words'</script>tail", "tail"),
        ("more", "Linsheng", "Linsheng"),
    ],
)
def test_plain_word_is_found(part: str, text: str, found: str):
    assert plain_words(page(**{part: text}), KNOWN) == [found]
