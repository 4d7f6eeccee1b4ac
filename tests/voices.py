"""Residents for tests: what they wrote, stored as answers of the bundled survey; and a lexicon of three needs, with which
a run of the analysis takes milliseconds instead of seconds.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from analysis.lexicon.load import NO_NEED, Concept, Lexicon, Terms
from survey import clock
from survey.accounts.rules import Actor, RoleKind
from survey.accounts.tables import Account
from survey.authoring.queries import SurveyView, find_survey
from survey.authoring.waves import WaveDraft, start_wave
from survey.questionnaire.values import Answer
from survey.responses.intake import entrance_to
from survey.responses.queries import has_answers_in
from survey.responses.service import Receipt, Recorder
from survey.themes.queries import ThemeView, list_themes
from survey.themes.runs import analyse_survey
from tests.conftest import SECRET
from tests.pages import Element, check_page

DOCTOR = "We need a doctor who speaks English"
PARKING = "There is never a parking space"
NOISE = "The drilling starts before six"
GIBBERISH = "Flonk gribble wug"

_numbers = itertools.count()


@dataclass(frozen=True)
class Person:
    """One answer. `need` and `change` are the two open questions; `page` is the language of the page."""

    need: str = ""
    change: str = ""
    page: str = "en"
    area: str = "wangjing"
    days_ago: int = 0
    may_quote: bool = True
    more: dict[str, Answer] = field(default_factory=dict)


def _concept(key: str, names: dict[str, str], words: dict[str, tuple[str, ...]]) -> Concept:
    return Concept(
        id=key,
        category=key.split(".", maxsplit=1)[0],
        names=names,
        by_language={tag: Terms(terms=found) for tag, found in words.items()},
    )


THREE_NEEDS = Lexicon(
    categories={
        "health": {"zh-Hans": "医疗健康", "en": "Health and medical care"},
        "transport_parking": {"zh-Hans": "交通停车", "en": "Transport and parking"},
        "environment_noise": {"zh-Hans": "环境噪音", "en": "Environment and noise"},
    },
    concepts=(
        _concept(
            "health.doctor_language",
            {"zh-Hans": "会说我们语言的医生", "en": "Doctors who speak our language"},
            {"en": ("doctor*",), "ko": ("의사",), "zh-Hans": ("医生",)},
        ),
        _concept(
            "transport_parking.parking_space",
            {"zh-Hans": "停车位不足", "en": "Too few parking spaces"},
            {"en": ("parking*",), "ko": ("주차",), "zh-Hans": ("停车",)},
        ),
        _concept(
            "environment_noise.construction_noise",
            {"zh-Hans": "施工噪音", "en": "Construction noise"},
            {"en": ("drilling",), "ko": ("공사",), "zh-Hans": ("施工",)},
        ),
        _concept(f"{NO_NEED}.satisfied", {"zh-Hans": "满意", "en": "Satisfied"}, {"en": ("all fine",)}),
    ),
    languages=("en", "ko", "zh-Hans"),
    version="three needs",
)


def use_three_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs of the analysis use THREE_NEEDS. What reads the lexicon for a page keeps the bundled one."""
    for module in ("analysis.themes.model", "survey.themes.lexicon", "survey.themes.runs"):
        monkeypatch.setattr(f"{module}.load_lexicon", lambda: THREE_NEEDS)


async def record(survey: SurveyView, people: Iterable[Person], *, secret: str = SECRET) -> list[Receipt]:
    """Store these people's answers as the form's own intake would."""
    entrance = await entrance_to(survey.slug)
    submissions = []
    for person in people:
        raw: dict[str, Any] = {
            "subdistrict": person.area, "time_in_beijing": "2_to_5_years", "origin": "another_country",
            "need_most": person.need, "change_first": person.change, "may_quote": "yes" if person.may_quote else "",
            **person.more,
        }  # fmt: skip
        checked = entrance.checker.check(raw)
        assert checked.problems == []
        submissions.append(
            entrance.submission(
                client_id=f"person-{next(_numbers):012d}",
                language=person.page, answers=checked.answers, channel=None, source="form",
                day=clock.today() - dt.timedelta(days=person.days_ago),
            )
        )  # fmt: skip
    return await Recorder(secret).record_all_or_nothing(submissions)


async def start_next_wave(survey: SurveyView, *, minimum: int = 30, rise: int = 5, names: dict[str, str] | None = None) -> SurveyView:
    """As the committee would; the present wave must have answers."""
    view = await find_survey(survey.slug)

    async def has_answers(wave: int) -> bool:
        return await has_answers_in(view.id, wave)

    draft = WaveDraft(minimum=minimum, rise=rise, names=names or {})
    await start_wave(view, draft, channels=(), has_answers=has_answers, actor="chen", role="committee")
    return await find_survey(survey.slug)


async def no_report(_done: int, _total: int, _step: str) -> None:
    """A report of progress that nobody reads."""


async def analyse(survey: SurveyView) -> dict[str, ThemeView]:
    """Run the analysis; return the themes by key."""
    await analyse_survey(survey.id, no_report)
    return await themes_by_key(survey)


async def themes_by_key(survey: SurveyView) -> dict[str, ThemeView]:
    return {theme.key: theme for theme in await list_themes(survey.id)}


async def actor_named(name: str, role: RoleKind = RoleKind.COMMITTEE) -> Actor:
    """A person who has an account, as the services meet them."""
    row = await Account.select(Account.id).where(Account.name == name).first()
    assert row is not None
    return Actor(account_id=row["id"], name=name, role=role, area_id=None, session_id=0)


def parsed(response: httpx.Response) -> Element:
    """A page as a browser without scripts reads it; every promise that pages keep is checked on the way."""
    return check_page(response).root


def words_of(element: Element) -> str:
    """All its text on one line, what stands in different elements apart."""
    return " ".join(" ".join(element.itertext()).split())


def words_in(response: httpx.Response) -> str:
    """The text of a page's main part."""
    [main] = parsed(response).xpath("//*[@id='main']")
    return words_of(main)
