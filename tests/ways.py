"""Ways to pages: what is asked for and sent, one step after the other, until a place of tests/places.py is reached.

Ways are generators that know no browser: they yield what to ask for and get the HTML that came back, so a real Chromium and a
client inside the process walk the same ways. They expect the surveys, codes and accounts of tests/furnish.py.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Generator, Iterator, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

from survey.authoring.service import bundled_form
from survey.questionnaire.form import Form, Question
from survey.questionnaire.values import GRANTED
from survey.responses.pages import empty_page, survey_page
from survey.web.pages import environment, words

SURVEY, CLOSED, DRAFT, INCOMPLETE = "community-needs", "closed-survey", "draft-survey", "incomplete-survey"
EVERY = "every"
"""The survey of tests/every_type.py, which speaks four languages."""

INVITED, NOT_INVITED = "by-invitation", "without-codes"
INVITATIONS = {state: f"{letter * 4}-2222-3333-4444" for state, letter in zip(["good", "used", "expired", "closed", "early"], "ABCDE", strict=True)}
PARTNERS = "partnr"
"""The short address of a channel whose partner is who signs in."""
MEETING, CANCELLED, OVER = "meetingnextfriday000", "meetingcancelled0000", "meetinglastfriday000"
REVIEW, EMPTY_REVIEW = "reviewinmarch0000000", "reviewinapril0000000"
"""Meetings of several bodies: one theme is decided and one is open, and none."""
COUNTED = "counted-before"
INDICATOR, RETIRED = "indicatorwithtarget0", "indicatorretired0000"
LIBRARY, UNCOUNTED = "facilitywithcounts00", "facilitywithoutcount"
PLAN, EMPTY_PLAN = "Plan A", "Plan B"
WELCOME = "a-link-for-somebody-new"
LATE = "7777-0000-1111-2222-3333-4444-5555"
"""The receipt code of an answer to the closed survey."""

ACTOR = SimpleNamespace(name="chen", role="committee", area_names={}, has_other_roles=False)
RECEIPT_CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}")
DRAFT_CODE = re.compile(r'(?<=id="draft-code">)[0-9A-Z-]{19}')

Fields = Sequence[tuple[str, str]]


class Get(NamedTuple):
    address: str
    wish: str = ""
    """The browser's Accept-Language, where it is not the visitor's language."""


class Post(NamedTuple):
    """A form, sent as a page of ours sends it."""

    address: str
    fields: Fields


class Bring(NamedTuple):
    """A cookie of an earlier visit."""

    name: str
    value: str


class Shown(NamedTuple):
    """A page that nobody can bring about at will (a failure of the server), drawn from its template."""

    address: str
    html: str


Step = Get | Post | Bring | Shown
Way = Generator[Step, str, None]
Path = Callable[[str], Way]
"""From the language to the steps that lead to a place."""


def at(address: str, *, wish: str = "") -> Path:
    def way(language: str) -> Way:
        yield Get(address.format(lang=language), wish)

    return way


def drawn(template: str, address: str, **context: Any) -> Path:
    def way(language: str) -> Way:
        domain = "desk" if address.startswith("/desk") else "resident"
        names = {**words(domain, language), "page_style": "", "path": address, "settings": None, **context}
        if domain == "desk":
            names = {"actor": ACTOR, "home": "/desk", "may": lambda right: right != "administer", **names}
        yield Shown(f"{address}?lang={language}", environment().get_template(template).render(**names))

    return way


def failure(status: int, *, desk: bool = False) -> Path:
    where, template = ("/desk/broken", "errors/desk.html") if desk else ("/broken", "errors/resident.html")
    return drawn(template, where, status_code=status, message="", here="")


# What residents send


LONG_WORD = "Straßenverkehrsordnungsangelegenheiten" * 4
LONG_TEXT = f"望京社区卫生服务中心 12345 {LONG_WORD} أحتاج إلى طبيب يتحدث English، بعد الساعة 18:00. " * 6
TOO_LONG = "长" * 5000
TICKS = [("_age", "yes"), ("_agree", "yes")]


def client() -> tuple[str, str]:
    return ("_client", secrets.token_urlsafe(24))


def required_answers() -> list[tuple[str, str]]:
    """What must be answered, with the first choice, and the two ticks."""
    return [*TICKS, *((q.id, q.choices[0].value) for q in bundled_form().questions() if q.required and q.choices)]


def every_answer(form: Form | None = None) -> list[tuple[str, str]]:
    """The two ticks and every question answered, so that few are left out by a condition; texts are long."""
    return [*TICKS, *(pair for item in (form or bundled_form()).items() for pair in _answered(item))]


def _answered(item: Question) -> Iterator[tuple[str, str]]:
    if item.is_text:
        yield item.id, LONG_TEXT[: item.length_limit]
    elif item.points():
        yield item.id, str(item.points()[0])
    elif item.type in {"select_many", "ranking"}:
        fitting = [choice.value for choice in item.choices if not choice.is_exclusive]
        yield from ((item.id, value) for value in fitting[: item.max_choices])
    elif item.choices:
        yield item.id, item.choices[0].value
    elif item.type in {"integer", "decimal"}:
        yield item.id, str(round(item.maximum or 1))
    elif item.type == "date":
        yield item.id, "2020-02-29"
    elif item.type == "consent":
        yield item.id, GRANTED


def texts(text: str) -> list[tuple[str, str]]:
    return [(question.id, text) for question in bundled_form().questions() if question.is_text]


MISTAKES = [
    *TICKS, ("kind", "culture"), ("place", "other"), ("visits", "x"), ("reasons", "nothing"), ("reasons", "price"), ("reasons", "hours"),
    ("reasons", "language"), ("reasons", "other"), ("order", "library"), ("order", "library"), ("walk", "1,000"), ("since", "2999-12-31"),
    ("need", TOO_LONG),
]  # fmt: skip
"""Of every kind that the survey `every` can know."""


def survey(*fields: tuple[str, str], slug: str = SURVEY) -> Path:
    """Send a survey's form, with these fields, from a page that was just opened."""

    def way(language: str) -> Way:
        yield Post(f"/s/{slug}", [client(), ("_language", language), *fields])

    return way


def switched(fields: Fields, *, slug: str = SURVEY) -> Path:
    """Everything answered, then the language changed: the page that keeps it all."""

    def way(language: str) -> Way:
        yield Post(f"/s/{slug}", [client(), ("_language", "en"), ("_switch", language), *fields])

    return way


def twice(*, other: bool) -> Path:
    """The same page sent two times, as it was or with other answers."""

    def way(language: str) -> Way:
        same = [client(), ("_language", language), *required_answers()]
        yield Post(f"/s/{SURVEY}", same)
        yield Post(f"/s/{SURVEY}", [*same, *(texts("x") if other else [])])

    return way


def answered_before(language: str) -> Way:
    yield Post(f"/s/{SURVEY}", [client(), ("_language", language), *required_answers()])
    yield Get(f"/s/{SURVEY}?lang={language}")


def busy(language: str) -> Way:
    """Five thousand must send at once to see this, so it is drawn."""
    request: Any = SimpleNamespace(
        url=SimpleNamespace(path=f"/s/{SURVEY}"), headers={}, query_params={}, cookies={}, scope={},
        app=SimpleNamespace(state=SimpleNamespace(settings=None)),
    )  # fmt: skip
    view: Any = SimpleNamespace(slug=SURVEY, is_fictional=True)
    page = survey_page(request, view, bundled_form(), empty_page(language), action=f"/s/{SURVEY}", notice="busy", status=429)
    yield Shown(f"/s/{SURVEY}?lang={language}", page.content.decode())


def saved(*, more: Fields = (), is_opened: bool = False) -> Path:
    """Save a draft; go on with it."""

    def way(language: str) -> Way:
        page = yield Post(f"/s/{SURVEY}", [client(), ("_language", language), *every_answer(), ("_step", "2"), ("_save", "yes"), *more])
        code = DRAFT_CODE.search(page)
        assert code, "there is no draft's code on this page"
        if is_opened:
            yield Post("/resume", [("_language", language), ("code", code[0])])

    return way


def receipt(*steps: str, slug: str = SURVEY, fields: Fields | None = None) -> Path:
    """Send every answer, enter the code of the receipt, then press these buttons one after the other."""

    def way(language: str) -> Way:
        page = yield Post(f"/s/{slug}", [client(), ("_language", language), *(fields or every_answer())])
        code = receipt_code(page)
        for step in ("", *steps):
            yield Post("/receipt", [("_language", language), ("code", code), ("step", step)])

    return way


def corrected(*fields: tuple[str, str], revision: int = 0) -> Path:
    """Send every answer, then these in their place."""

    def way(language: str) -> Way:
        page = yield Post(f"/s/{SURVEY}", [client(), ("_language", language), *every_answer()])
        yield Post("/receipt", [("_language", language), ("_code", receipt_code(page)), ("_revision", str(revision)), *fields])

    return way


def sent_after_withdrawal(language: str) -> Way:
    same = [client(), ("_language", language), *required_answers()]
    page = yield Post(f"/s/{SURVEY}", same)
    yield Post("/receipt", [("_language", language), ("code", receipt_code(page)), ("step", "withdraw")])
    yield Post(f"/s/{SURVEY}", same)


def receipt_code(page: str) -> str:
    found = RECEIPT_CODE.search(page)
    assert found, "there is no receipt on this page"
    return found[0]


def sent(address: str, *fields: tuple[str, str], times: int = 1) -> Path:
    """Send a form of any page; `{lang}` in the values is the language."""

    def way(language: str) -> Way:
        for _ in range(times):
            yield Post(address, [(name, value.replace("{lang}", language)) for name, value in fields])

    return way


def meeting_cancelled(language: str) -> Way:
    """As somebody sees it who had said that they may come."""
    yield Bring("events", CANCELLED)
    yield Get(f"/events?lang={language}")


def undescribed_place(language: str) -> Way:
    """A place of the directory that is described in other languages only."""
    others = (yield Get(f"/directory?lang={language}")).partition('id="others"')[2]
    found = re.search(r'href="(/directory/\w+)\?', others)
    assert found, f"everything is described in {language}"
    yield Get(f"{found[1]}?lang={language}")


# What the desk sends


def wrong_password(language: str) -> Way:
    """Somebody else each time: whoever tries too often meets another page."""
    yield Post("/login", [("name", f"nobody-{secrets.token_hex(4)}"), ("password", "x")])


def theme(state: str, *, fields: Fields = (), more: str = "") -> Path:
    """A theme in a state that furnish.py brought it to, or what is sent from its page."""

    def way(language: str) -> Way:
        board = yield Get(f"/desk/surveys/{SURVEY}/themes?sort=people")
        places = {"accepted": ("accepted", 0), "proposed": ("review", 0), "dismissed": ("dismissed", -1)}
        section, place = places[state]
        part = re.search(rf'<(section|details) id="{section}".*?</\1>', board, re.DOTALL)
        assert part, f"there is no {state} theme on the board"
        address = re.findall(r'href="(/desk/themes/[\w-]+)"', part[0])[place]
        yield Post(f"{address}{more}", fields) if fields else Get(f"{address}{more}")

    return way


def statement(page: str, *fields: tuple[str, str]) -> Path:
    """A page of the oldest statement that the demonstration's Koreans wrote, or what is sent from it."""

    def way(language: str) -> Way:
        inbox = yield Get(f"/desk/surveys/{SURVEY}/inbox?language=ko")
        found = re.search(r'href="(/desk/statements/\w+)/mask', inbox)
        assert found, "there is no statement in the inbox"
        yield Post(f"{found[1]}{page}", fields) if fields else Get(f"{found[1]}{page}")

    return way


def plan(title: str, *, is_saved: bool = False, fields: Fields = ()) -> Path:
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


def review(number: int, *fields: tuple[str, str], vote: bool = False) -> Path:
    """Send the form of a theme on the agenda, counted from 0, or its vote."""

    def way(language: str) -> Way:
        page = yield Get(f"/desk/reviews/{REVIEW}")
        item = re.findall(r'<section class="card" id="item-(\w+)"', page)[number]
        yield Post(f"/desk/reviews/{REVIEW}/agenda/{item}{'/vote' if vote else ''}", fields)

    return way


def reviewed_theme(page: str, *fields: tuple[str, str]) -> Path:
    """The page of a theme that is on the agenda, or what is sent from it."""

    def way(language: str) -> Way:
        found = re.search(r'href="(/desk/themes/[\w-]+)/review"', (yield Get(f"/desk/reviews/{REVIEW}")))
        assert found, "no theme is on the agenda"
        yield Post(f"{found[1]}/{page}", fields) if fields else Get(f"{found[1]}/{page}")

    return way


def batch(*, more: str = "", fields: Fields = ()) -> Path:
    """The newest batch's sheet of cards, or what is sent from its row."""

    def way(language: str) -> Way:
        page = yield Get(f"/desk/surveys/{INVITED}/invitations")
        found = re.search(rf'action="(/desk/surveys/{INVITED}/invitations/\w+)"', page)
        assert found, "there is no batch of invitations"
        yield Post(found[1], fields) if fields else Get(f"{found[1]}/sheet{more}")

    return way


def channel(page: str, *fields: tuple[str, str]) -> Path:
    """A page of the demonstration's Korean channel."""
    address = f"/desk/surveys/{SURVEY}/channels/hanguk/{page}"
    return sent(address, *fields) if fields else at(address)


def meeting(*fields: tuple[str, str]) -> Path:
    """Send a meeting's page as it is, with some of its fields typed over."""

    def way(language: str) -> Way:
        page = yield Get(f"/desk/events/{MEETING}")
        kept = [(name, value) for name, value in re.findall(r'<input [^>]*name="([\w-]+)" value="([^"]*)"', page) if name not in dict(fields)]
        yield Post(f"/desk/events/{MEETING}", [*kept, ("languages", "zh-Hans"), *fields])

    return way
