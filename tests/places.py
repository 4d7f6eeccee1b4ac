"""Every page and every state of it that a person can meet, and how to get there: for all who look at all of them.

A new page is a new line in PLACES. Ways are generators that know no browser: they yield what to ask for and get the HTML that
came back, so a real Chromium and a client inside the process walk the same ways. They expect the surveys and accounts
of tests/furnish.py.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Generator, Iterator, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

from survey.accounts.service import SIGN_IN_TRIES
from survey.authoring.service import bundled_form
from survey.i18n.catalogs import DESK_LANGUAGES
from survey.i18n.languages import languages
from survey.questionnaire.form import Question
from survey.web.pages import environment, words

SURVEY, CLOSED, DRAFT, INCOMPLETE = "community-needs", "closed-survey", "draft-survey", "incomplete-survey"
PLAN, EMPTY_PLAN = "Plan A", "Plan B"
WELCOME = "a-link-for-somebody-new"
ACTOR = SimpleNamespace(name="chen", role="committee")
RECEIPT_CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}")

Fields = Sequence[tuple[str, str]]


class Get(NamedTuple):
    address: str


class Post(NamedTuple):
    """A form, sent as a page of ours sends it."""

    address: str
    fields: Fields


class Shown(NamedTuple):
    """A page that nobody can bring about at will (a failure of the server), drawn from its template."""

    address: str
    html: str


Step = Get | Post | Shown
Way = Generator[Step, str, None]


class Place(NamedTuple):
    name: str
    route: str
    """The line of tests/contracts/routes.txt without the name; empty for pages that answer in another's place."""
    way: Callable[[str], Way]
    """From the language to the steps that lead there; the last one is the place."""
    status: int = 200
    is_desk: bool = False
    is_signed_in: bool = False

    @property
    def languages(self) -> list[str]:
        return DESK_LANGUAGES if self.is_desk else list(languages())


# What residents send


LONG_WORD = "Straßenverkehrsordnungsangelegenheiten" * 4
LONG_TEXT = f"望京社区卫生服务中心 12345 {LONG_WORD} أحتاج إلى طبيب يتحدث English، بعد الساعة 18:00. " * 6
TOO_LONG = "长" * 5000


def client() -> tuple[str, str]:
    return ("_client", secrets.token_urlsafe(24))


def required_answers() -> list[tuple[str, str]]:
    """What must be answered, with the first choice."""
    return [(q.id, q.choices[0].value) for q in bundled_form().questions() if q.required and q.choices]


def every_answer() -> list[tuple[str, str]]:
    """Every question answered, so that none is left out by a condition; texts are long."""
    return [pair for question in bundled_form().questions() for pair in _answered(question)]


def _answered(question: Question) -> Iterator[tuple[str, str]]:
    if question.is_text:
        yield question.id, LONG_TEXT[: question.length_limit]
    elif question.type == "select_many":
        yield from ((question.id, choice.value) for choice in question.choices)
    elif question.choices:
        yield question.id, question.choices[0].value
    elif question.type in {"scale", "integer"}:
        yield question.id, str(question.minimum or 1)


def texts(text: str) -> list[tuple[str, str]]:
    return [(question.id, text) for question in bundled_form().questions() if question.is_text]


def _at(address: str) -> Callable[[str], Way]:
    def way(language: str) -> Way:
        yield Get(address.format(lang=language))

    return way


def _survey(*fields: tuple[str, str], slug: str = SURVEY) -> Callable[[str], Way]:
    """Send a survey's form, with these fields, from a page that was just opened."""

    def way(language: str) -> Way:
        yield Post(f"/s/{slug}", [client(), ("_language", language), *fields])

    return way


def _switched(language: str) -> Way:
    """Everything answered, then the language changed: the page that keeps it all."""
    yield Post(f"/s/{SURVEY}", [client(), ("_language", "en"), ("_switch", language), *every_answer()])


def _twice(*, other: bool) -> Callable[[str], Way]:
    """The same page sent two times, as it was or with other answers."""

    def way(language: str) -> Way:
        same = [client(), ("_language", language), *required_answers()]
        yield Post(f"/s/{SURVEY}", same)
        yield Post(f"/s/{SURVEY}", [*same, *(texts("x") if other else [])])

    return way


def _receipt(*steps: str) -> Callable[[str], Way]:
    """Send every answer, enter the code of the receipt, then press these buttons one after the other."""

    def way(language: str) -> Way:
        page = yield Post(f"/s/{SURVEY}", [client(), ("_language", language), *every_answer()])
        code = receipt_code(page)
        for step in ("", *steps):
            yield Post("/receipt", [("_language", language), ("code", code), ("step", step)])

    return way


def _sent_after_withdrawal(language: str) -> Way:
    same = [client(), ("_language", language), *required_answers()]
    page = yield Post(f"/s/{SURVEY}", same)
    yield Post("/receipt", [("_language", language), ("code", receipt_code(page)), ("step", "withdraw")])
    yield Post(f"/s/{SURVEY}", same)


def receipt_code(page: str) -> str:
    found = RECEIPT_CODE.search(page)
    assert found, "there is no receipt on this page"
    return found[0]


def _drawn(template: str, address: str, **context: Any) -> Callable[[str], Way]:
    def way(language: str) -> Way:
        domain = "desk" if address.startswith("/desk") else "resident"
        names = {**words(domain, language), "page_style": "", "path": address, "settings": None, **context}
        yield Shown(f"{address}?lang={language}", environment().get_template(template).render(**names))

    return way


def _failure(status: int, *, desk: bool = False) -> Callable[[str], Way]:
    where, template = ("/desk/broken", "errors/desk.html") if desk else ("/broken", "errors/resident.html")
    return _drawn(template, where, status_code=status, message="")


# What the desk sends


def _theme(state: str, *, fields: Fields = (), more: str = "") -> Callable[[str], Way]:
    """A theme in a state that furnish.py brought it to, or what is sent from its page."""

    def way(language: str) -> Way:
        board = yield Get(f"/desk/surveys/{SURVEY}/themes?sort=people")
        rows = re.findall(r'<tr>.*?href="(/desk/themes/[\w-]+)".*?</tr>|<li><a href="(/desk/themes/[\w-]+)"', board, re.DOTALL)
        assert len(rows) > 3, "there are too few themes on the board"
        address = {"accepted": rows[0][0], "proposed": rows[1][0], "dismissed": rows[-1][1]}[state]
        yield Post(address, fields) if fields else Get(f"{address}{more}")

    return way


def _plan(title: str, *, is_saved: bool = False, fields: Fields = ()) -> Callable[[str], Way]:
    """The plan, or what is sent from its first item."""

    def way(language: str) -> Way:
        plans = yield Get("/desk/plans")
        found = re.search(rf'href="(/desk/plans/[\w-]+)">{title}<', plans)
        assert found, f"there is no plan {title}"
        if not fields and not is_saved:
            yield Get(found[1])
            return
        page = yield Get(found[1])
        item = re.search(r'action="(/desk/plans/[\w-]+/items/([\w-]+))"', page)
        assert item, f"the plan {title} has no item"
        yield Post(item[1], fields) if fields else Get(f"{found[1]}?saved={item[2]}")

    return way


def _sent(address: str, *fields: tuple[str, str], times: int = 1) -> Callable[[str], Way]:
    def way(language: str) -> Way:
        for _ in range(times):
            yield Post(address.format(lang=language), fields)

    return way


def _wrong_password(language: str) -> Way:
    """Somebody else each time: whoever tries too often meets another page."""
    yield Post("/login", [("name", f"nobody-{secrets.token_hex(4)}"), ("password", "x")])


def _door(name: str, route: str, way: Callable[[str], Way], status: int = 200) -> Place:
    return Place(f"door: {name}", route, way, status, is_desk=True)


def _desk(name: str, route: str, way: Callable[[str], Way], status: int = 200) -> Place:
    return Place(f"desk: {name}", route, way, status, is_desk=True, is_signed_in=True)


PLACES = [
    # residents
    Place("home", "GET /", _at("/?lang={lang}")),
    Place("accessibility", "GET /accessibility", _at("/accessibility?lang={lang}")),
    Place("chooser", "GET /s/{slug:str}", _at(f"/s/{SURVEY}")),
    Place("chooser, unknown language", "GET /s/{slug:str}", _at(f"/s/{SURVEY}?lang=tlh"), 404),
    Place("survey", "GET /s/{slug:str}", _at(f"/s/{SURVEY}?lang={{lang}}")),
    Place("survey, everything answered", "POST /s/{slug:str}", _switched),
    Place("survey, nothing answered", "POST /s/{slug:str}", _survey(), 422),
    Place("survey, too long", "POST /s/{slug:str}", _survey(*texts(TOO_LONG)), 422),
    Place("survey, trap", "POST /s/{slug:str}", _survey(("_more", "x"), *every_answer()), 422),
    Place("survey, sent with other answers", "POST /s/{slug:str}", _twice(other=True), 409),
    Place("survey, not open yet", "GET /s/{slug:str}", _at(f"/s/{DRAFT}?lang={{lang}}"), 410),
    Place("survey, closed", "GET /s/{slug:str}", _at(f"/s/{CLOSED}?lang={{lang}}"), 410),
    Place("survey, closed in the meantime", "POST /s/{slug:str}", _survey(*every_answer(), slug=CLOSED), 410),
    Place("survey, withdrawn", "POST /s/{slug:str}", _sent_after_withdrawal, 410),
    Place("thanks", "POST /s/{slug:str}", _survey(*every_answer())),
    Place("thanks, again", "POST /s/{slug:str}", _twice(other=False)),
    Place("receipt", "GET /receipt", _at("/receipt?lang={lang}")),
    Place("receipt, own answer", "POST /receipt", _receipt()),
    Place("receipt, withdraw?", "POST /receipt", _receipt("ask")),
    Place("receipt, gone", "POST /receipt", _receipt("withdraw")),
    Place("receipt, unknown code", "POST /receipt", _receipt("withdraw", ""), 404),
    Place("nothing here", "", _at("/nothing?lang={lang}"), 404),
    *[Place(f"error {status}", "", _failure(status), status) for status in (400, 403, 405, 410, 413, 429, 500)],
    # the desk's door
    _door("sign in", "GET /login", _at("/login")),
    _door("sign in, wrong", "POST /login", _wrong_password, 422),
    _door("sign in, too often", "POST /login", _sent("/login", ("name", "tired"), ("password", "x"), times=SIGN_IN_TRIES + 1), 429),
    _door("welcome", "GET /welcome/{token:str}", _at(f"/welcome/{WELCOME}")),
    _door("welcome, differ", "POST /welcome/{token:str}", _sent(f"/welcome/{WELCOME}", ("password", "a"), ("again", "b")), 422),
    _door("welcome, used", "GET /welcome/{token:str}", _at("/welcome/used"), 404),
    # the desk
    _desk("surveys", "GET /desk", _at("/desk")),
    _desk("survey", "GET /desk/surveys/{slug:str}", _at(f"/desk/surveys/{SURVEY}")),
    _desk("survey, no answers", "GET /desk/surveys/{slug:str}", _at(f"/desk/surveys/{DRAFT}")),
    _desk("survey, closed", "GET /desk/surveys/{slug:str}", _at(f"/desk/surveys/{CLOSED}")),
    _desk("survey, incomplete", "POST /desk/surveys/{slug:str}/state", _sent(f"/desk/surveys/{INCOMPLETE}/state", ("change", "open")), 409),
    _desk("themes", "GET /desk/surveys/{slug:str}/themes", _at(f"/desk/surveys/{SURVEY}/themes?sort=state")),
    _desk("themes, not analysed", "GET /desk/surveys/{slug:str}/themes", _at(f"/desk/surveys/{CLOSED}/themes")),
    _desk("themes, analysis waits", "GET /desk/surveys/{slug:str}/themes", _at(f"/desk/surveys/{DRAFT}/themes")),
    _desk("themes, analysis failed", "GET /desk/surveys/{slug:str}/themes", _at(f"/desk/surveys/{INCOMPLETE}/themes")),
    _desk("unsorted", "GET /desk/surveys/{slug:str}/unsorted", _at(f"/desk/surveys/{SURVEY}/unsorted")),
    _desk("unsorted, none", "GET /desk/surveys/{slug:str}/unsorted", _at(f"/desk/surveys/{DRAFT}/unsorted")),
    _desk("theme, proposed", "GET /desk/themes/{public_id:str}", _theme("proposed")),
    _desk("theme, accepted", "GET /desk/themes/{public_id:str}", _theme("accepted", more="?done=accept")),
    _desk("theme, dismissed", "GET /desk/themes/{public_id:str}", _theme("dismissed", more="?done=dismiss")),
    _desk("theme, no name", "POST /desk/themes/{public_id:str}", _theme("proposed", fields=[("decision", "rename")]), 422),
    _desk("plans", "GET /desk/plans", _at("/desk/plans")),
    _desk("plan", "GET /desk/plans/{public_id:str}", _plan(PLAN)),
    _desk("plan, empty", "GET /desk/plans/{public_id:str}", _plan(EMPTY_PLAN)),
    _desk("plan, saved", "GET /desk/plans/{public_id:str}", _plan(PLAN, is_saved=True)),
    _desk("plan, bad date", "POST /desk/plans/{public_id:str}/items/{item_id:str}", _plan(PLAN, fields=[("deadline", "x")]), 422),
    _desk("plan, conflict", "POST /desk/plans/{public_id:str}/items/{item_id:str}", _plan(PLAN, fields=[("revision", "99")]), 409),
    _desk("new plan", "GET /desk/surveys/{slug:str}/plans/new", _at(f"/desk/surveys/{SURVEY}/plans/new")),
    _desk("new plan, no title", "POST /desk/surveys/{slug:str}/plans/new", _sent(f"/desk/surveys/{SURVEY}/plans/new", ("title", "")), 422),
    _desk("new plan, no themes", "GET /desk/surveys/{slug:str}/plans/new", _at(f"/desk/surveys/{DRAFT}/plans/new")),
    _desk("no font", "", _drawn("desk/no_font.html", "/desk/broken", here="surveys", actor=ACTOR, apt_line="apt-get"), 503),
    *[_desk(f"error {status}", "", _failure(status, desk=True), status) for status in (400, 403, 404, 405, 409, 413, 422, 429, 500)],
]  # fmt: skip

NOT_PAGES = {
    "GET /desk/language/{tag:str}": "leads back",
    "GET /desk/plans/{public_id:str}/document/{format_:str}": "a file",
    "GET /desk/surveys/{slug:str}/charts/themes.png": "a picture",
    "GET /desk/surveys/{slug:str}/charts/themes.svg": "a picture",
    "GET /desk/surveys/{slug:str}/qr.svg": "a picture",
    "GET /health/live": "for machines",
    "GET /health/ready": "for machines",
    "GET /static/{path:path}": "a file",
}
"""Routes that show nobody a page, and why."""
