"""The acts of people on themes: their kinds, the data of each, and what a history of them comes to. Pure.

Nothing is ever changed or taken out of a history. An act that is undone is followed by an act that says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec


class ThemeState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    ENDED = "ended"
    """Merged into another, split, or made by an act that was undone. Its address leads to what it became."""


class DifferenceState(StrEnum):
    """What became of a row of what a run would change."""

    WAITING = "waiting"
    TAKEN = "taken"
    REJECTED = "rejected"


class EventKind(StrEnum):
    ACCEPT = "accept"
    DISMISS = "dismiss"
    REOPEN = "reopen"
    RENAME = "rename"
    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"
    FORBID = "forbid"
    PIN = "pin"
    UNPIN = "unpin"
    SET_CATEGORY = "set_category"
    REFUSE_LINK = "refuse_link"
    TAKE_RUN = "take_run"
    REJECT_RUN = "reject_run"
    UNDO = "undo"


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an event says beside its kind and its theme; the keys are exactly these."""


class Accept(_Data, frozen=True):
    pass


class Dismiss(_Data, frozen=True):
    pass


class Reopen(_Data, frozen=True):
    pass


class Rename(_Data, frozen=True):
    """Names by language tag, and those that stood there before."""

    names: dict[str, str]
    before: dict[str, str] = {}


class Merge(_Data, frozen=True):
    """The event's theme becomes part of `into`."""

    into: str


class NewPart(_Data, frozen=True):
    key: str
    names: dict[str, str]
    examples: list[int]


class Split(_Data, frozen=True):
    """The event's theme becomes several. `placed` says the part of each statement that a person had put into the theme."""

    parts: list[NewPart]
    placed: dict[int, str] = {}


class NewTheme(_Data, frozen=True):
    """A theme that a move makes. `parent` is the theme from which its statements came, "" for none."""

    names: dict[str, str]
    category: str
    parent: str = ""


class Move(_Data, frozen=True):
    """The statements belong to `to`, and no longer to the themes `out_of`: the event's theme, and those that were merged into it,
    so that they stay out if that merge is undone. The event's theme is `to` for statements that were unsorted.
    """

    statements: list[int]
    to: str
    out_of: list[str] = []
    made: NewTheme | None = None


class Forbid(_Data, frozen=True):
    """The statements do not belong to the themes `of`: the event's theme, and those that were merged into it."""

    statements: list[int]
    of: list[str]


class Pin(_Data, frozen=True):
    pass


class Unpin(_Data, frozen=True):
    pass


class SetCategory(_Data, frozen=True):
    category: str
    before: str = ""


class RefuseLink(_Data, frozen=True):
    """The event's theme and `other`, in two languages, are not one theme."""

    other: str


class TakeRun(_Data, frozen=True):
    """What an analysis proposed was taken: for one theme (the event's), or for all where the event has none."""

    run: int
    statements: int


class RejectRun(_Data, frozen=True):
    """What an analysis proposed was refused; the same is not proposed again."""

    run: int
    statements: int


class Undo(_Data, frozen=True):
    """The act of that number does not count. Undoing an undo makes the act count again."""

    event: int


Act = (
    Accept | Dismiss | Reopen | Rename | Merge | Split | Move | Forbid | Pin | Unpin | SetCategory | RefuseLink | TakeRun
    | RejectRun | Undo
)  # fmt: skip

DATA: dict[EventKind, type[_Data]] = {
    EventKind.ACCEPT: Accept, EventKind.DISMISS: Dismiss, EventKind.REOPEN: Reopen, EventKind.RENAME: Rename,
    EventKind.MERGE: Merge, EventKind.SPLIT: Split, EventKind.MOVE: Move, EventKind.FORBID: Forbid, EventKind.PIN: Pin,
    EventKind.UNPIN: Unpin, EventKind.SET_CATEGORY: SetCategory, EventKind.REFUSE_LINK: RefuseLink,
    EventKind.TAKE_RUN: TakeRun, EventKind.REJECT_RUN: RejectRun, EventKind.UNDO: Undo,
}  # fmt: skip
_KINDS = {data: kind for kind, data in DATA.items()}


def kind_of(act: Act) -> EventKind:
    return _KINDS[type(act)]


def read_act(kind: EventKind, text: str | bytes) -> Act:
    """An act from the JSON in which it is stored. Raises msgspec.ValidationError where a key is missing or one too many."""
    return msgspec.json.decode(text, type=DATA[kind])  # type: ignore[return-value]  # one of the union, by the table above


class Event(msgspec.Struct, frozen=True):
    """An act with its number, the theme that it is about ("" for none), who did it, in which role and for which area, when and why."""

    id: int
    key: str
    act: Act
    by: str = ""
    role: str = ""
    at: dt.datetime | None = None
    why: str = ""
    area: int | None = None

    @property
    def kind(self) -> EventKind:
        return kind_of(self.act)

    @property
    def keys(self) -> set[str]:
        """Every theme that the act speaks of."""
        found = {self.key}
        match self.act:
            case Merge(into=into):
                found.add(into)
            case Split(parts=parts):
                found |= {part.key for part in parts}
            case Move(to=to, out_of=out_of):
                found |= {to, *out_of}
            case Forbid(of=of):
                found |= set(of)
            case RefuseLink(other=other):
                found.add(other)
        return found - {""}

    @property
    def born(self) -> set[str]:
        """Themes that are there because of this act."""
        match self.act:
            case Split(parts=parts):
                return {part.key for part in parts}
            case Move(to=to, made=NewTheme()):
                return {to}
        return set()

    @property
    def ends(self) -> str:
        """The theme that is no more because of this act."""
        return self.key if isinstance(self.act, Merge | Split) else ""

    @property
    def decides(self) -> set[tuple[str, str | int, str]]:
        """The questions that the act answers; of two acts with the same question the later one counts."""
        match self.act:
            case Accept() | Dismiss() | Reopen():
                return {("state", self.key, "")}
            case Rename(names=names):
                return {("name", self.key, language) for language in names}
            case Move(statements=statements) | Forbid(statements=statements):
                return {("place", statement, "") for statement in statements}
            case Split(parts=parts):
                return {("place", statement, "") for part in parts for statement in part.examples}
            case Pin() | Unpin():
                return {("pin", self.key, "")}
            case SetCategory():
                return {("category", self.key, "")}
            case RefuseLink(other=other):
                return {("link", *sorted((self.key, other)))}  # type: ignore[arg-type]  # two strings
        return set()


def effective(events: Sequence[Event]) -> list[Event]:
    """The acts that count, oldest first: without undos and without what they undid."""
    undone = undone_ids(events)
    return [event for event in events if event.id not in undone and not isinstance(event.act, Undo)]


def acted_on(events: Iterable[Event]) -> set[str]:
    """Themes of which any act speaks, undone ones too; to take what a run proposes, or to refuse it, says nothing of a theme."""
    return {key for event in events if not isinstance(event.act, TakeRun | RejectRun | Undo) for key in event.keys}


def undone_ids(events: Sequence[Event]) -> set[int]:
    """Numbers of the acts, undos among them, that were undone."""
    undone: set[int] = set()
    for event in reversed(events):
        if isinstance(event.act, Undo) and event.id not in undone:
            undone.add(event.act.event)
    return undone


class Decided(msgspec.Struct):
    """What people's acts come to for one theme. `names` and `category` replace the model's. `became`: the themes that it became
    at that step, which may have become others since.
    """

    state: ThemeState = ThemeState.PROPOSED
    names: dict[str, str] = {}
    category: str = ""
    is_pinned: bool = False
    became: tuple[str, ...] = ()
    parent: str = ""
    is_made: bool = False
    reason: str = ""
    """Why the theme is in its state, as the act says that brought it there."""


def replay(events: Sequence[Event]) -> dict[str, Decided]:
    """What is decided about each theme that any act speaks of. The same history always comes to the same."""
    decided: dict[str, Decided] = {}
    for event in effective(events):
        _apply(decided, event)
    for event in events:  # what an act made that was undone since
        for key in event.born:
            if key not in decided or not decided[key].is_made:
                parent = event.key if isinstance(event.act, Split) else _parent_of(event.act)
                decided[key] = Decided(ThemeState.ENDED, became=(parent,) if parent else (), parent=parent, is_made=True)
    return decided


def _parent_of(act: Act) -> str:
    return act.made.parent if isinstance(act, Move) and act.made else ""


_STATES: dict[type[_Data], ThemeState] = {
    Accept: ThemeState.ACCEPTED, Dismiss: ThemeState.DISMISSED, Reopen: ThemeState.PROPOSED,
}  # fmt: skip


def _apply(decided: dict[str, Decided], event: Event) -> None:
    key = event.key
    theme = decided.setdefault(key, Decided(names={})) if key else Decided()
    match event.act:
        case Accept() | Dismiss() | Reopen():
            if not theme.became:
                theme.state, theme.reason = _STATES[type(event.act)], "" if isinstance(event.act, Reopen) else event.why
        case Rename(names=names):
            theme.names = {**theme.names, **names}
        case SetCategory(category=category):
            theme.category = category
        case Pin() | Unpin():
            theme.is_pinned = isinstance(event.act, Pin)
        case Merge(into=into):
            _merge(decided, theme, key, into)
        case Split(parts=parts):
            _split(decided, theme, key, parts)
        case Move(to=to, made=made):
            decided.setdefault(to, Decided(names={}))
            if made:
                decided[to] = Decided(names=dict(made.names), category=made.category, parent=made.parent, is_made=True)


def _split(decided: dict[str, Decided], theme: Decided, key: str, parts: Sequence[NewPart]) -> None:
    """The parts are in the state and category of the whole."""
    if theme.became:
        return
    for part in parts:
        decided[part.key] = Decided(theme.state, dict(part.names), theme.category, parent=key, is_made=True, reason=theme.reason)
    theme.state, theme.became = ThemeState.ENDED, tuple(part.key for part in parts)


def _merge(decided: dict[str, Decided], theme: Decided, key: str, into: str) -> None:
    """What was accepted stays accepted: the theme that it becomes is accepted too."""
    target = decided.setdefault(into, Decided(names={}))
    if theme.became or target.became or key == into or key in whither(decided, into):
        return
    if theme.state == ThemeState.ACCEPTED and target.state == ThemeState.PROPOSED:
        target.state, target.reason = ThemeState.ACCEPTED, theme.reason
    theme.state, theme.became = ThemeState.ENDED, (into,)


def whither(decided: dict[str, Decided], key: str) -> list[str]:
    """The themes that a theme is now: itself, or what it became, step by step."""
    found: list[str] = []
    open_, seen = [key], set()
    while open_:
        one = open_.pop(0)
        if one in seen:
            continue
        seen.add(one)
        theme = decided.get(one)
        if theme is None or theme.state != ThemeState.ENDED:
            found.append(one)
        else:
            open_ += theme.became
    return found


def whence(decided: dict[str, Decided], key: str) -> list[str]:
    """The theme itself and all that were merged into it, directly or by others; not one of which it is a part."""
    found = [key]
    for one in found:
        found += [
            other for other, theme in sorted(decided.items())
            if not theme.is_made and theme.became == (one,) and other not in found
        ]  # fmt: skip
    return found


def obstacles(events: Sequence[Event], number: int) -> list[Event]:
    """The acts that count and build on this one, so that it cannot be undone before them. Oldest first."""
    [target] = [event for event in events if event.id == number]
    later = [event for event in effective(events) if event.id > number]
    if not isinstance(target.act, Undo):
        return [event for event in later if _builds_on(event, target)]
    undone = next((event for event in events if event.id == target.act.event), None)
    if undone is None:
        return []
    if isinstance(undone.act, Undo):  # undoing the undo of an undo: the first undo counts again
        original = next((event for event in events if event.id == undone.act.event), undone)
        return [event for event in later if _builds_on(event, original)]
    return [event for event in later if _builds_on(event, undone) or clash(undone, event)]


def _builds_on(later: Event, earlier: Event) -> bool:
    if later.decides & earlier.decides or earlier.born & later.keys:
        return True
    return isinstance(earlier.act, Merge) and later.ends == earlier.act.into


def clash(act: Event, other: Event) -> bool:
    """Whether two acts, made by people who did not know of each other, want different things of the same theme or statement."""
    if _answer_one_run(act, other):
        return True
    if act.act == other.act and act.key == other.key:
        return False
    return bool(act.decides & other.decides) or _needs(act, other.ends) or _needs(other, act.ends)


def _answer_one_run(act: Event, other: Event) -> bool:
    """Whether both say what becomes of the same proposals; an answer without a theme is about all of them."""
    match act.act, other.act:
        case (TakeRun(run=run) | RejectRun(run=run)), (TakeRun(run=same) | RejectRun(run=same)):
            return run == same and (act.key == other.key or "" in {act.key, other.key})
    return False


def _needs(event: Event, key: str) -> bool:
    """Whether the act needs this theme to be still there. Who takes statements out of it does not."""
    if not key:
        return False
    match event.act:
        case Move(to=to):
            return to == key
        case Forbid() | TakeRun() | RejectRun() | Undo():
            return False
        case Merge(into=into):
            return key in {event.key, into}
    return event.key == key


def clashes(act: Event, events: Iterable[Event], *, after: int) -> list[Event]:
    """The acts that count, made after the one that the writer had seen last, which `act` clashes with."""
    return [event for event in effective(list(events)) if event.id > after and clash(act, event)]
