"""An act as a sentence, for a theme's history and for who was overtaken by somebody else's act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import msgspec

from survey.accounts.queries import area_names
from survey.i18n.languages import name_in
from survey.i18n.speech import Speech, speech
from survey.themes.queries import PastEvent, ThemeView, events_by_id, themes_by_key
from survey.themes.review_documents import body_of
from survey.themes.rules import Person
from survey.themes.service import category_names
from survey.themes.states import (
    Accept,
    Dismiss,
    Event,
    Forbid,
    Merge,
    Move,
    Pin,
    RefuseLink,
    RejectRun,
    Rename,
    Reopen,
    SetCategory,
    Split,
    TakeRun,
    Undo,
    Unpin,
)


class Story(msgspec.Struct, frozen=True):
    """One act: when, in a sentence, with its number and the role in which it was done. `can_undo` says that the page may offer it; whether it is allowed is asked then."""

    id: int
    at: dt.datetime | None
    text: str
    why: str
    is_undone: bool
    can_undo: bool
    role: str = ""


async def stories_of(survey_id: int, past: Iterable[PastEvent], language: str) -> list[Story]:
    """Tell these acts in the order given."""
    listed = list(past)
    undone = {p.event.act.event for p in listed if isinstance(p.event.act, Undo)}
    targets = await events_by_id(undone)
    for target in list(targets.values()):  # an undo of an undo tells of the act at its end
        if isinstance(target.act, Undo):
            targets |= await events_by_id([target.act.event])
    keys = {key for event in (*(p.event for p in listed), *targets.values()) for key in event.keys}
    say = speech("desk", language)
    areas = {key: {language: name} for key, name in (await area_names(language)).items()}
    roles = {
        p.event.id: body_of(Person(p.event.by, p.event.role, areas.get(p.event.area or 0, {})), say) for p in listed if p.event.role
    }
    teller = Teller(say, await themes_by_key(survey_id, keys), targets, category_names(language))
    return [
        Story(p.event.id, p.event.at, teller.tell(p.event), p.event.why, p.is_undone, not p.is_undone, roles.get(p.event.id, ""))
        for p in listed
    ]


async def tell_events(survey_id: int, numbers: Iterable[int], language: str) -> list[Story]:
    events = await events_by_id(numbers)
    return await stories_of(survey_id, [PastEvent(events[key], is_undone=False) for key in sorted(events)], language)


class Teller:
    """Tells acts in one language, by the names that the themes have now."""

    def __init__(
        self, say: Speech, themes: Mapping[str, ThemeView], events: Mapping[int, Event], categories: Mapping[str, str]
    ) -> None:
        self._say, self._themes, self._events, self._categories = say, themes, events, categories

    def tell(self, event: Event) -> str:
        return self._sentence(event, event.by or self._say.gettext("Somebody who has left"))

    def _name(self, key: str) -> str:
        theme = self._themes.get(key)
        return theme.name_in(self._say.language) if theme else key

    def _sentence(self, event: Event, who: str) -> str:
        say, theme = self._say, self._name(event.key)
        match event.act:
            case Accept():
                return say.gettext("%(who)s accepted “%(theme)s”", who=who, theme=theme)
            case Dismiss():
                return say.gettext("%(who)s dismissed “%(theme)s”", who=who, theme=theme)
            case Reopen():
                return say.gettext("%(who)s put “%(theme)s” back for review", who=who, theme=theme)
            case Pin():
                return say.gettext("%(who)s pinned “%(theme)s”, so that it stays however few name it", who=who, theme=theme)
            case Unpin():
                return say.gettext("%(who)s unpinned “%(theme)s”", who=who, theme=theme)
            case Merge(into=into):
                return say.gettext("%(who)s merged “%(theme)s” into “%(into)s”", who=who, theme=theme, into=self._name(into))
            case RefuseLink(other=other):
                return say.gettext(
                    "%(who)s said that “%(theme)s” and “%(other)s” are two needs", who=who, theme=theme, other=self._name(other)
                )
        return self._longer(event, who)

    def _longer(self, event: Event, who: str) -> str:
        say, theme = self._say, self._name(event.key)
        match event.act:
            case Rename(names=names, before=before):
                changes = [
                    say.gettext("“%(before)s” became “%(name)s” (%(language)s)", before=before[tag], name=name, language=name_in(tag, say.language))
                    if before.get(tag) else say.gettext("“%(name)s” (%(language)s)", name=name, language=name_in(tag, say.language))
                    for tag, name in names.items()
                ]  # fmt: skip
                return say.gettext("%(who)s renamed the theme: %(changes)s", who=who, changes=say.listed(changes))
            case Split(parts=parts):
                listed = say.listed(f"“{self._name(part.key)}”" for part in parts)
                return say.gettext("%(who)s split “%(theme)s” into %(parts)s", who=who, theme=theme, parts=listed)
            case Move():
                return self._move(event, event.act, who)
            case Forbid(statements=statements):
                return say.ngettext(
                    "%(who)s took %(num)d statement out of “%(theme)s”", "%(who)s took %(num)d statements out of “%(theme)s”",
                    len(statements), who=who, theme=theme,
                )  # fmt: skip
            case SetCategory(category=category):
                return say.gettext(
                    "%(who)s put “%(theme)s” into the category “%(category)s”", who=who, theme=theme,
                    category=self._categories.get(category, category),
                )  # fmt: skip
        return self._about_logs(event, who)

    def _move(self, event: Event, act: Move, who: str) -> str:
        say, number, to = self._say, len(act.statements), self._name(act.to)
        if act.made:
            return say.ngettext(
                "%(who)s made the theme “%(to)s” of %(num)d statement", "%(who)s made the theme “%(to)s” of %(num)d statements",
                number, who=who, to=to,
            )  # fmt: skip
        if not act.out_of:
            return say.ngettext(
                "%(who)s moved %(num)d unsorted statement to “%(to)s”", "%(who)s moved %(num)d unsorted statements to “%(to)s”",
                number, who=who, to=to,
            )  # fmt: skip
        return say.ngettext(
            "%(who)s moved %(num)d statement from “%(theme)s” to “%(to)s”",
            "%(who)s moved %(num)d statements from “%(theme)s” to “%(to)s”", number, who=who, theme=self._name(event.key), to=to,
        )  # fmt: skip

    def _about_logs(self, event: Event, who: str) -> str:
        say = self._say
        match event.act:
            case TakeRun(statements=statements):
                return say.ngettext(
                    "%(who)s took over what the new analysis found: %(num)d statement moved",
                    "%(who)s took over what the new analysis found: %(num)d statements moved", statements, who=who,
                )  # fmt: skip
            case RejectRun() if event.key:
                return say.gettext("%(who)s left “%(theme)s” as it was before the new analysis", who=who, theme=self._name(event.key))
            case RejectRun():
                return say.gettext("%(who)s left everything as it was before the new analysis", who=who)
            case Undo(event=number):
                target = self._events.get(number)
                told = self.tell(target) if target else f"#{number}"
                return say.gettext("%(who)s undid this: %(act)s", who=who, act=told)
        raise AssertionError(event.kind)
