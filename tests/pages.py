"""A browser without JavaScript that checks every page which it gets, whatever the test is about.

`PageClient` gets, posts and submits forms as a browser does; a page that breaks a promise (its language, its labels, its
headers) fails the test that happened to see it, with the list of what is wrong.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

import httpx
from lxml import etree

from survey.authoring.service import bundled_form
from survey.i18n.catalogs import DESK_LANGUAGES, translations
from survey.i18n.languages import is_spoken, languages

Fields = list[tuple[str, str]]
Element = etree._Element

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
POLICY = (
    "default-src 'none'; style-src 'self'{style}; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
RIGHT_TO_LEFT = {"ar", "fa", "he", "ur"}
OTHER_SCRIPTS = {"zh-Hans", "zh-Hant", "ko", "ja", "ar", "ru"}
"""Languages that are not written in Latin letters: three Latin words in a row are a sentence that nobody translated."""

_UNKNOWN_TAG = 801
"""libxml2 knows the elements of HTML 4 only; what else it finds wrong is wrong."""


class PageBroken(AssertionError):
    """One or more promises that every page keeps are broken; the message lists them."""


class Page:
    """One HTML answer, parsed."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.path = response.url.path
        parser = etree.HTMLParser(encoding="utf-8")
        self.root: Element = etree.fromstring(response.content, parser)
        self.parse_errors = [
            f"line {error.line}: {error.message}" for error in parser.error_log if error.type != _UNKNOWN_TAG
        ]

    @property
    def html(self) -> str:
        return self.response.text

    @property
    def language(self) -> str:
        return self.root.get("lang", "")

    @property
    def h1(self) -> str:
        return self.words("//h1")[0]

    @property
    def title(self) -> str:
        return self.words("//title")[0]

    @property
    def text(self) -> str:
        """Everything that a person reads, spaces as they are shown."""
        return _spaced("".join(self.root.find("body").itertext()))

    @property
    def cookies(self) -> list[str]:
        return self.response.headers.get_list("set-cookie")

    def all(self, xpath: str) -> list[Element]:
        return self.root.xpath(xpath)

    def words(self, xpath: str) -> list[str]:
        return [_spaced("".join(element.itertext())) for element in self.all(xpath)]

    def links(self) -> list[str]:
        return [str(href) for href in self.root.xpath("//a/@href")]

    def form(self, form_id: str = "") -> Element:
        found = self.all(f"//form[@id='{form_id}']" if form_id else "//form")
        assert found, f"{self.path} has no form {form_id}"
        return found[0]

    def fields(self, form_id: str = "") -> Fields:
        """What a browser would send now, without any button."""
        form = self.form(form_id)
        return [pair for control in form.xpath(".//input | .//select | .//textarea") for pair in _sent(control)]

    def answers(self, form_id: str = "") -> Fields:
        """The fields that a person filled in: no hidden ones (their names begin with an underscore), no empty ones."""
        return [(name, value) for name, value in self.fields(form_id) if value and not name.startswith("_")]

    def errors(self) -> list[tuple[str, str]]:
        """The error summary: where each line leads, and what it says below the question's name."""
        return [
            (str(line.xpath("string(a/@href)")), _spaced("".join(line.xpath("a/following-sibling::text()"))))
            for line in self.all("//*[@id='summary']//li")
        ]


class PageClient:
    """Wraps an `httpx.AsyncClient`. Forms are submitted as a browser of today does: with Sec-Fetch-Site."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def get(self, address: str, *, status: int = 200, wish: str = "", **options: object) -> Page:
        """`wish` is the browser's Accept-Language."""
        headers = {"accept-language": wish.encode("latin-1")} if wish else {}
        return self.read(await self.http.get(address, headers=headers, **options), status)  # type: ignore[arg-type]

    async def post(
        self, address: str, fields: Iterable[tuple[str, str]] | Mapping[str, str] | bytes, *, status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Page:  # fmt: skip
        return self.read(await self.send(address, fields, headers=headers), status)

    async def send(
        self, address: str, fields: Iterable[tuple[str, str]] | Mapping[str, str] | bytes, *,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:  # fmt: skip
        """Post a form and return the answer unchecked: for redirects."""
        body = fields if isinstance(fields, bytes) else url_encoded(fields)
        sent = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin", **(headers or {})}
        return await self.http.post(address, content=body, headers=sent)

    async def submit(
        self, page: Page, fill: Mapping[str, str | Sequence[str]] | None = None, *, form_id: str = "",
        button: tuple[str, str] | None = None, status: int = 200,
    ) -> Page:  # fmt: skip
        """Fill a page's form in, press a button, and return the page that comes back.

        `fill` maps a field's name to its value or values; every name must be a field of the form.
        """
        form = page.form(form_id)
        given = {name: [value] if isinstance(value, str) else list(value) for name, value in (fill or {}).items()}
        unknown = given.keys() - set(form.xpath(".//input/@name | .//select/@name | .//textarea/@name"))
        assert not unknown, f"the form has no field {unknown}"
        fields = [(name, value) for name, value in page.fields(form_id) if name not in given]
        fields += [(name, value) for name, values in given.items() for value in values]
        fields += [button] if button else []
        address = urljoin(str(page.response.url), form.get("action") or str(page.response.url))
        return await self.post(address, fields, status=status)

    @staticmethod
    def read(response: httpx.Response, status: int) -> Page:
        """Check an answer that was fetched in some other way."""
        assert response.status_code == status, f"{response.status_code} for {response.request.url}: {response.text[:2000]}"
        return check_page(response)


def url_encoded(fields: Iterable[tuple[str, str]] | Mapping[str, str]) -> bytes:
    pairs = list(fields.items()) if isinstance(fields, Mapping) else list(fields)
    return str(httpx.QueryParams(pairs)).encode()


def check_headers(response: httpx.Response, *, style: str = "") -> None:
    """The headers that every answer has: pages, files, redirects, JSON and failures."""
    got = {name: response.headers.get(name) for name in SECURITY_HEADERS}
    assert got == SECURITY_HEADERS, f"{response.request.url}: {got}"
    assert response.headers.get("content-security-policy") == POLICY.format(style=style), response.request.url
    assert "cache-control" in response.headers, response.request.url


def check_page(response: httpx.Response) -> Page:
    """Raise PageBroken with everything that is wrong with an HTML answer."""
    kind = response.headers.get("content-type")
    assert kind == "text/html; charset=utf-8", f"{response.request.url} answers {kind}: {response.text[:300]}"
    page = Page(response)
    check_headers(response, style="".join(f" {source}" for source in _style_sources(page)))
    broken = [problem for check in _CHECKS for problem in check(page)]
    if broken:
        raise PageBroken(f"{response.request.method} {response.url} ({page.status}):\n  " + "\n  ".join(broken))
    return page


def _style_sources(page: Page) -> list[str]:
    styles = ["".join(style.itertext()) for style in page.all("//style")]
    return [f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'" for style in styles]


def _check_document(page: Page) -> Iterator[str]:
    yield from page.parse_errors
    if not page.html.startswith("<!doctype html>"):
        yield "no doctype"
    if "no-store" not in page.response.headers["cache-control"]:
        yield "a page may be stored"
    if page.response.headers.get("vary") != "Accept-Encoding, Accept-Language, Cookie":
        yield "Vary does not say that the page depends on language and cookie"
    if len(page.words("//title")) != 1 or not re.fullmatch(r".*\S · 邻声 Linsheng", page.title):
        yield f"title: {page.words('//title')}"
    if len(page.words("//h1")) != 1 or not page.h1:
        yield f"h1: {page.words('//h1')}"
    levels = [int(heading.tag[1]) for heading in page.all("//h1 | //h2 | //h3 | //h4 | //h5 | //h6")]
    for before, after in itertools.pairwise(levels):
        if after > before + 1:
            yield f"h{before} is followed by h{after}"
    for text, is_own in _texts(page):
        if is_own and re.search(r"\{\{|\{%|%\(\w+\)[sd]|Undefined|\bNone\b", text):
            yield f"a placeholder is shown: {text}"


def _check_language(page: Page) -> Iterator[str]:
    if not is_spoken(page.language):
        yield f"lang={page.language!r}"
    if page.language != page.response.headers.get("content-language"):
        yield f"lang={page.language!r} but Content-Language: {page.response.headers.get('content-language')}"
    if page.root.get("dir") != _direction(page.language):
        yield f"dir={page.root.get('dir')!r} for {page.language}"
    for element in page.all("//body//*[@lang]"):
        lang = element.get("lang")
        if _direction(lang) != _shown_direction(element) and element.tag != "bdi":
            yield f"<{element.tag} lang={lang}> is shown {_shown_direction(element)}"
    for element in page.all("//textarea | //input[@type='text' and @name and not(@inputmode)]"):
        is_typed_by_residents = _domain(page) == "resident" and not _is_hidden(element)
        if is_typed_by_residents and element.get("dir") not in {"auto", "ltr"}:
            yield f"what is typed into {element.get('name')} takes the page's direction"


def _check_forms(page: Page) -> Iterator[str]:
    for form in page.all("//form"):
        if form.get("method") not in {"get", "post"}:
            yield f"a form without method: {form.attrib}"
        if "action" in form.attrib and not form.get("action", "").startswith("/"):
            yield f"a form's action is {form.get('action')!r}"
    for control in page.all("//input[not(@type='hidden')] | //select | //textarea"):
        if not _name_of(page, control):
            yield f"no label: {control.tag} {dict(control.attrib)}"
        if not control.get("name"):
            yield f"no name: {control.tag} {dict(control.attrib)}"
    for control in page.all("//input[@type='radio']"):
        if not control.xpath("ancestor::fieldset[1]/legend[normalize-space()]"):
            yield f"radio button {control.get('name')} stands in no named group"
    for button in page.all("//button[not(@hidden)] | //a[@href] | //summary"):
        if not _spaced("".join(button.itertext())) and not button.get("aria-label"):
            yield f"<{button.tag}> says nothing: {dict(button.attrib)}"


def _check_scripts(page: Page) -> Iterator[str]:
    for script in page.all("//script"):
        if script.text or not script.get("src", "").startswith("/static/modules/"):
            yield f"inline script: {etree.tostring(script)!r}"
    for element in page.all("//*[@style]"):
        yield f"style attribute on <{element.tag}>"
    for name in page.root.xpath("//@*[starts-with(name(), 'on')]"):
        yield f"event attribute: {name.attrname}"
    for element in page.all("//iframe | //object | //embed | //base"):
        yield f"<{element.tag}>"


def _check_references(page: Page) -> Iterator[str]:
    ids = [str(found) for found in page.root.xpath("//@id")]
    for found, count in Counter(ids).items():
        if count > 1:
            yield f"id {found} stands {count} times"
    known = set(ids)
    for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls", "form", "list"):
        for value in page.root.xpath(f"//@{name}"):
            if missing := set(value.split()) - known:
                yield f"{name} points to {missing}, which is not there"
    for href in page.links():
        target = urlsplit(href)
        if (target.scheme or target.netloc or href.startswith("//")) and target.netloc != page.response.url.netloc.decode():
            yield f"a link leaves the house: {href}"
        if href.startswith("#") and href[1:] not in known:
            yield f"a link to {href}, which is not there"
    for source in page.root.xpath("//@src | //link/@href"):
        if not source.startswith(("/static/", "/desk/", "/partner/", "data:,")):
            yield f"loads {source}"
    for image in page.all("//img[not(@alt)]"):
        yield f"picture without alt: {image.get('src')}"


def _check_translated(page: Page) -> Iterator[str]:
    """Look for English on a page in another language: strings of the catalog, of the form, and any Latin sentence."""
    if page.language == "en" or page.language not in languages():
        return
    untranslated = _english_strings(_domain(page), page.language)
    for text, is_own in _texts(page):
        if is_own and untranslated.fullmatch(text):
            yield f"English on a page in {page.language}: {text!r}"
        elif is_own and page.language in OTHER_SCRIPTS and re.search(r"[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}", text):
            yield f"Latin words on a page in {page.language}: {text!r}"


_CHECKS = (
    _check_document, _check_language, _check_forms, _check_scripts, _check_references, _check_translated,
)  # fmt: skip


@lru_cache(maxsize=1)  # two checks ask for those of one page
def _texts(page: Page) -> tuple[tuple[str, bool], ...]:
    """Every text that a person meets, and whether it is the page's own: not what someone typed, not in another language."""
    return tuple(_each_text(page))


def _each_text(page: Page) -> Iterator[tuple[str, bool]]:
    yield from ((part, True) for part in page.title.split(" · ")[:-1])
    for node in page.root.xpath("//body//text()[normalize-space()]"):
        holder = node.getparent().getparent() if node.is_tail else node.getparent()
        if holder.tag not in {"script", "style", "textarea", "code"}:
            yield _spaced(node), _is_own(page, holder)
    for element in page.all("//*[@placeholder or @aria-label or @title or @data-busy or @alt]"):
        for name in ("placeholder", "aria-label", "title", "data-busy", "alt"):
            if element.get(name, "").strip():
                yield _spaced(element.get(name)), _is_own(page, element)


_IN_LANGUAGE = etree.XPath("string(ancestor-or-self::*[@lang][1]/@lang)")
_IS_TYPED = etree.XPath("boolean(ancestor-or-self::*[@dir='auto'])")


def _is_own(page: Page, element: Element) -> bool:
    return bool(_IN_LANGUAGE(element) == page.language and not _IS_TYPED(element))


@lru_cache
def _english_strings(domain: str, language: str) -> re.Pattern[str]:
    """A pattern for every English string that says something else in this language."""
    catalog = translations(domain, language)
    found = []
    for key, translation in catalog._catalog.items():  # type: ignore[attr-defined]  # gettext has no public list
        english = key[0] if isinstance(key, tuple) else key
        if english and translation != english and len(re.findall("[A-Za-z]", re.sub(r"%\(\w+\)[sd]", "", english))) > 3:
            found.append(r"\S.*".join(re.escape(_spaced(part)) for part in re.split(r"%\(\w+\)[sd]", english)))
    if domain == "resident":
        found += [re.escape(_spaced(texts["en"])) for texts in _form_texts(bundled_form()) if texts["en"] != texts[language]]
    return re.compile("|".join(found))


def _form_texts(part: object) -> Iterator[dict[str, str]]:
    """Every map from language to text in a form."""
    for name in getattr(part, "__struct_fields__", ()):
        value = getattr(part, name)
        if isinstance(value, dict) and "en" in value:
            yield value
        for item in value if isinstance(value, list) else [value]:
            yield from _form_texts(item)


def _domain(page: Page) -> str:
    is_desk = page.path.startswith(("/desk", "/login", "/welcome")) and page.language in DESK_LANGUAGES
    return "desk" if is_desk else "resident"


def _direction(language: str) -> str:
    return "rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "ltr"


def _shown_direction(element: Element) -> str:
    """`dir="auto"` follows the text, so it suits any language."""
    direction = element.xpath("string(ancestor-or-self::*[@dir][1]/@dir)")
    return _direction(element.get("lang")) if direction == "auto" else direction


def _is_hidden(element: Element) -> bool:
    return element.get("type") == "hidden" or bool(element.xpath("ancestor-or-self::*[@aria-hidden='true']"))


def _name_of(page: Page, control: Element) -> str:
    """The accessible name, as far as we use its sources."""
    named = control.get("aria-label", "")
    by_id = page.root.xpath("//label[@for=$id]", id=control.get("id")) if control.get("id") else []
    labels = [*by_id, *control.xpath("ancestor::label")]
    return named.strip() or _spaced("".join("".join(label.itertext()) for label in labels))


def _sent(control: Element) -> Fields:
    """A control's contribution to its form, as HTML defines it."""
    name = control.get("name")
    if not name or control.get("disabled") is not None:
        return []
    if control.tag == "textarea":
        text = "".join(control.itertext())
        text = re.sub(r"\r\n|\r|\n", "\n", text).removeprefix("\n")  # HTML drops one line break after the tag
        return [(name, text.replace("\n", "\r\n"))]
    if control.tag == "select":
        chosen = control.xpath("./option[@selected]") or control.xpath("./option")[:1]
        return [(name, option.get("value", "")) for option in chosen]
    if control.get("type") in {"radio", "checkbox"}:
        return [(name, control.get("value", "on"))] if control.get("checked") is not None else []
    return [(name, control.get("value", ""))]


def _spaced(text: str) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text).strip()
