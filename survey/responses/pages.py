"""The survey as a page, in every state. Higher features draw it too: to correct an answer, to answer for somebody who asks."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec
from litestar import Response

from survey import clock
from survey.authoring.queries import SurveyView
from survey.i18n.languages import in_chooser_order
from survey.i18n.speech import Speech, speech
from survey.questionnaire.answers import AnswerProblem
from survey.questionnaire.form import Form
from survey.responses.errors import page_messages, problem_text
from survey.responses.forms import Raw, SurveyDrawing, localized, written_texts
from survey.responses.rules import CONFIRMATIONS
from survey.web.forms import FormData, first, whole_number
from survey.web.pages import html, resident_language
from survey.web.request import WebRequest

LARGEST_SEED = 2**31 - 1
ANSWERED_COOKIE = "answered"


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What a survey page holds: where it leads, and what was filled in so far. From a post, so that nothing typed is lost."""

    language: str
    client_id: str
    channel: str = ""
    seed: int
    raw: Raw = {}
    confirmed: Sequence[str] = ()
    step: str = "0"
    """Where the module on the page was: 0 is the beginning, then the sections."""
    opened: int = 0
    """When the page was first drawn, in seconds; 0 where nobody knows. Only how long it took is looked at, and then forgotten."""

    def missing_confirmations(self) -> list[str]:
        return [name for name in CONFIRMATIONS if name not in self.confirmed]

    def seconds(self, now: dt.datetime) -> float | None:
        """How long ago the page was first drawn; None where nobody knows."""
        return now.timestamp() - self.opened if self.opened else None

    def as_draft(self) -> dict[str, list[str]]:
        """What a draft keeps. Agreement is asked for when it is sent."""
        more = {"_seed": str(self.seed), "_step": self.step, "_opened": str(self.opened)}
        return {**{name: list(values) for name, values in self.raw.items()}, **{name: [value] for name, value in more.items()}} | (
            {"_age": ["yes"]} if "_age" in self.confirmed else {}
        )


def empty_page(language: str, channel: str = "") -> Typed:
    return Typed(
        language=language, client_id=new_client_id(), channel=channel, seed=secrets.randbelow(LARGEST_SEED),
        opened=int(clock.now().timestamp()),
    )  # fmt: skip


def typed_in(fields: FormData, *, language: str, client_id: str, known: Collection[str]) -> Typed:
    """Read a posted page; `known` are the form's items."""
    return Typed(
        language=language,
        client_id=client_id,
        channel=first(fields, "_channel")[:32],
        seed=whole_number(first(fields, "_seed"), 10) or 0,
        opened=whole_number(first(fields, "_opened"), 10) or 0,
        raw={name: values for name, values in fields.items() if name in known},
        step=first(fields, "_step")[:3] or "0",
        confirmed=[name for name in CONFIRMATIONS if first(fields, name) == "yes"],
    )


def survey_page(
    request: WebRequest,
    view: SurveyView,
    form: Form,
    typed: Typed,
    *,
    action: str,
    kind: Literal["answer", "correction", "assisted"] = "answer",
    hidden: Mapping[str, str] | None = None,
    problems: Sequence[AnswerProblem] = (),
    unconfirmed: Sequence[str] = (),
    notice: str = "",
    refusal: str = "",
    status: int = 200,
) -> Response[bytes]:
    """Draw the form with what was typed. `notice` names what is said above it (templates/resident/survey.html), `refusal` why
    it was not taken. `hidden` are further fields that come back with a post; `unconfirmed` names the
    CONFIRMATIONS that a person must still give.
    """
    say = speech("resident", typed.language)
    errors = {name: _confirmation_text(name, say) for name in unconfirmed}
    errors |= {problem.question: problem_text(problem, say.gettext, typed.language) for problem in problems}
    drawing = SurveyDrawing(form, typed.language, raw=typed.raw, errors=errors, seed=typed.seed)
    sections = drawing.sections()
    labels = {item.id: localized(item.label, typed.language, form) for item in form.items()}
    labels |= {"_age": say.gettext("Your age"), "_agree": say.gettext("Your agreement")}
    return html(
        request, "resident/survey.html", typed.language, status=status, style=drawing.style(),
        form=_localized(form, typed.language), sections=sections, errors=errors,
        problems=[{"id": key, "label": labels.get(key, key), "message": text} for key, text in errors.items()],
        messages=msgspec.json.encode(page_messages(say.gettext) | {"_agree": _confirmation_text("_agree", say)}).decode(),
        script_words=msgspec.json.encode(_script_words(say, form)).decode(),
        kind=kind, hidden=hidden or {}, notice=notice, refusal=refusal, opened=typed.opened, step=typed.step,
        client_id=typed.client_id, channel=typed.channel, seed=typed.seed,
        is_old_enough="_age" in typed.confirmed, has_agreed="_agree" in typed.confirmed,
        is_fictional=view.is_fictional, action=action, notice_href=f"/s/{view.slug}/notice?lang={typed.language}",
    )  # fmt: skip


def notice_page(request: WebRequest, view: SurveyView, form: Form, language: str) -> Response[bytes]:
    """What PIPL Art. 17 asks to be told, as a page to keep or print."""
    consents = [localized(item.agree, language, form) for item in form.items() if item.type == "consent"]
    return html(
        request, "resident/notice.html", language, form=_localized(form, language), consents=consents,
        version=view.version_number, since=view.opened_on, is_fictional=view.is_fictional,
        language_links={tag: f"/s/{view.slug}/notice?lang={tag}" for tag in in_chooser_order(form.languages)},
        back=f"/s/{view.slug}?lang={language}",
    )  # fmt: skip


def closed_page(request: WebRequest, view: SurveyView, form: Form, language: str, raw: Raw | None = None) -> Response[bytes]:
    """Say that the survey takes no answers, and give back what was written, to copy."""
    return html(
        request, "resident/closed.html", language, status=410, title=localized(form.title, language, form),
        state=view.state.value, closed_on=view.closed_on, typed=written_texts(form, raw or {}, language), is_fictional=view.is_fictional,
    )  # fmt: skip


def page_language(request: WebRequest, form: Form, default: str = "") -> str:
    """The form's language that suits a visitor best; `default` is for who tells nothing of theirs."""
    return resident_language(request, in_chooser_order(form.languages), default)


def survey_address(slug: str, language: str, channel: str) -> str:
    query = {"lang": language} | ({"c": channel} if channel else {})
    return f"/s/{slug}?{urlencode(query)}"


def answered_surveys(request: WebRequest) -> list[str]:
    """The surveys to which an answer was sent from this browser."""
    return [slug for slug in request.cookies.get(ANSWERED_COOKIE, "").split("~") if slug]


def new_client_id() -> str:
    return secrets.token_urlsafe(24)


def _localized(form: Form, language: str) -> dict[str, Any]:
    notice = {name: localized(getattr(form.notice, name), language, form) for name in form.notice.__struct_fields__}
    return {
        "title": localized(form.title, language, form),
        "intro": localized(form.intro, language, form),
        "minutes": form.minutes,
        "minimum_age": form.minimum_age,
        "languages": in_chooser_order(form.languages),
        "notice": notice,
    }


def _confirmation_text(name: str, say: Speech) -> str:
    if name == "_age":
        return say.gettext("Please tick this if it is so. If you are younger, please ask a parent or guardian to answer.")
    return say.gettext("Please tick this if you agree. Without it we may not use your answers.")


def _script_words(say: Speech, form: Form) -> dict[str, str | int]:
    """What the module says on the page; `%(…)s` is left for it to fill in."""
    return {
        "begin": say.gettext("I am %(age)d or older: begin", age=form.minimum_age),
        "back": say.gettext("Back"),
        "next": say.gettext("Continue"),
        "check": say.gettext("Check my answers"),
        "checkTitle": say.gettext("Check your answers"),
        "checkIntro": say.gettext("Nothing has been sent yet."),
        "change": say.gettext("Change"),
        "none": say.gettext("Not answered"),
        "left": say.gettext("About %(minutes)s min left"),
        "progress": say.gettext("How far you are"),
        "minutes": form.minutes,
        "offline": say.gettext("There is no signal. You can fill in the form; it is sent when the signal is back."),
        "sending": say.gettext("Sending …"),
        "notSent": say.gettext("Your answers have not been sent yet"),
        "notSentOpen": say.gettext("Please leave this page open. It tries again by itself when the signal is back."),
        "notSentKept": say.gettext("They are kept on this phone for 24 hours. It tries again by itself when the signal is back."),
        "again": say.gettext("Send now"),
        "edit": say.gettext("Change my answers"),
        "keep": say.gettext("Keep my draft on this phone for 24 hours"),
        "draft": say.gettext("A draft that you began is on this phone"),
        "gaps": say.gettext("Your answers to sensitive questions were not kept. Please answer them again."),
        "resume": say.gettext("Go on with it"),
        "drop": say.gettext("Delete it"),
        "waiting": say.gettext("An answer on this phone has not been sent yet"),
        "elsewhere": say.gettext("This answer has been sent from another tab."),
        "one": say.gettext("1 answer needs another look"),
        "many": say.gettext("Some answers need another look"),
    }
