"""The tests' own browser: it must see what is wrong with a page, and send what a browser would send."""

from __future__ import annotations

import httpx
import pytest

from tests.pages import POLICY, SECURITY_HEADERS, Page, PageBroken, PageClient, check_headers, check_page

GOOD = """<!doctype html>
<html lang="ko" dir="ltr">
<head><title>설문 · 邻声 Linsheng</title><script type="module" src="/static/modules/a.mjs"></script></head>
<body>
<h1>우리 동네</h1>
<h2>첫째</h2>
<form id="f" method="post" action="/s/a">
<input type="hidden" name="_client" value="c">
<fieldset><legend>질문</legend><label><input type="radio" name="one" value="yes" checked> 예</label></fieldset>
<label for="t">글</label><textarea id="t" name="text" dir="auto" aria-describedby="hint">
</textarea><p id="hint">힌트</p>
<button>보내기</button>
</form>
<p><a href="#t">글</a> <a lang="ar" dir="rtl" href="/?lang=ar">العربية</a></p>
</body>
</html>
"""


def answer(html: str, *, path: str = "/s/a", **headers: str) -> httpx.Response:
    found = {
        "content-type": "text/html; charset=utf-8", "content-language": "ko", "vary": "Accept-Encoding, Accept-Language, Cookie",
        "cache-control": "no-store", "content-security-policy": POLICY.format(style=""), **SECURITY_HEADERS,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }  # fmt: skip
    request = httpx.Request("GET", f"http://127.0.0.1:8000{path}")
    return httpx.Response(200, content=html.encode(), headers=found, request=request)


def test_page_check_takes_a_good_page():
    page = check_page(answer(GOOD))

    assert (page.h1, page.title, page.language) == ("우리 동네", "설문 · 邻声 Linsheng", "ko")
    assert page.fields() == [("_client", "c"), ("one", "yes"), ("text", "")]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('lang="ko"', 'lang="en"', "Content-Language"),
        ('lang="ko"', "", "lang="),
        ('dir="ltr"', 'dir="rtl"', "dir='rtl' for ko"),
        ("<!doctype html>", "", "no doctype"),
        ("<h1>우리 동네</h1>", "", "h1: []"),
        ("<h2>첫째</h2>", "<h1>첫째</h1>", "h1: ["),
        ("<h2>첫째</h2>", "<h3>첫째</h3>", "h1 is followed by h3"),
        ("설문 · 邻声 Linsheng", "", "title"),
        (' method="post"', "", "a form without method"),
        ('action="/s/a"', 'action="https://elsewhere.example"', "a form's action"),
        ('action="/s/a"', 'action=""', "a form's action"),
        ('<label for="t">글</label>', "", "no label: textarea"),
        ("<legend>질문</legend>", "", "stands in no named group"),
        ("<button>보내기</button>", "<button></button>", "says nothing"),
        ("</body>", "<script>alert(1)</script></body>", "inline script"),
        ("<h2>", '<h2 style="color:red">', "style attribute"),
        ("<h2>", '<h2 onclick="a()">', "event attribute"),
        ("</body>", '<iframe src="/static/a"></iframe></body>', "<iframe>"),
        ("</body>", '<img src="https://elsewhere.example/a.png" alt=""></body>', "loads https://elsewhere.example"),
        ("</body>", '<img src="/static/a.png"></body>', "picture without alt"),
        ("<h2>", '<h2 id="t">', "id t stands 2 times"),
        ('id="hint"', "", "aria-describedby points to {'hint'}"),
        ('href="#t"', 'href="#gone"', "a link to #gone"),
        ('href="/?lang=ar"', 'href="//elsewhere.example"', "leaves the house"),
        ('href="/?lang=ar"', 'href="javascript:a()"', "leaves the house"),
        (' lang="ar" dir="rtl"', ' lang="ar"', "is shown ltr"),
        ('name="text" dir="auto"', 'name="text"', "takes the page's direction"),
        ("첫째", "%(num)d 개", "a placeholder is shown"),
        ("첫째", "{{ heading }}", "a placeholder is shown"),
        ("첫째", "Thank you, your answer has arrived", "English on a page in ko"),
        ("첫째", "“X” has not been opened yet. Please come back later.", "English on a page in ko"),
        ("첫째", "What do you need most where you live?", "English on a page in ko"),
        ("첫째", "Nobody ever translated this", "Latin words on a page in ko"),
        ("설문 ·", "Please check your answers ·", "English on a page in ko"),
        ("</h2>", "</h3>", "Unexpected end tag"),
    ],
)
def test_page_check_sees_what_is_wrong(old: str, new: str, problem: str):
    assert old in GOOD

    with pytest.raises(PageBroken) as broken:
        check_page(answer(GOOD.replace(old, new)))

    assert problem in str(broken.value)


@pytest.mark.parametrize(
    "text",
    ["<p dir='auto'>Nobody ever translated this</p>", "<p lang='en'>Nobody ever translated this</p>", "<p>邻声 Linsheng</p>"],
)
def test_page_check_leaves_what_people_typed_and_other_languages_alone(text: str):
    assert check_page(answer(GOOD.replace("<h2>첫째</h2>", text))).language == "ko"


@pytest.mark.parametrize(
    "headers",
    [{name.replace("-", "_"): ""} for name in SECURITY_HEADERS]
    + [{"content_security_policy": "default-src *"}, {"content_security_policy": POLICY.format(style=" 'unsafe-inline'")}],
)
def test_page_check_misses_no_header(headers: dict[str, str]):
    with pytest.raises(AssertionError):
        check_headers(answer(GOOD, **headers))


def test_page_check_takes_a_style_block_only_with_its_hash():
    styled = GOOD.replace("</head>", "<style>p{color:red}</style></head>")
    source = " 'sha256-p0bF+un5yUb9MBO6xRb8kPHlY2BdpHVtLiFkDrZPF64='"

    with pytest.raises(AssertionError):
        check_page(answer(styled))

    assert check_page(answer(styled, content_security_policy=POLICY.format(style=source))).h1 == "우리 동네"


def test_page_gives_the_fields_that_a_browser_would_send():
    page = Page(
        answer(
            """<form id="a"><input type="radio" name="r" value="1"><input type="radio" name="r" value="2" checked>
            <input type="checkbox" name="c" value="x" checked><input type="checkbox" name="c" value="y" checked>
            <select name="s"><option value="">-</option><option value="b" selected>B</option></select>
            <select name="first"><option value="f">F</option><option>G</option></select>
            <input name="off" value="1" disabled><input value="nameless"><textarea name="t">

a
b</textarea><button name="pressed" value="no">x</button></form><input name="outside" value="1">"""
        )
    )

    assert page.fields("a") == [
        ("r", "2"), ("c", "x"), ("c", "y"), ("s", "b"), ("first", "f"), ("t", "\r\na\r\nb"),
    ]  # fmt: skip


async def test_page_client_fills_in_only_fields_that_exist():
    page = Page(answer(GOOD))

    with pytest.raises(AssertionError, match="the form has no field"):
        await PageClient(httpx.AsyncClient()).submit(page, {"nothing": "x"})
