"""People's decisions, and what a history of them comes to. The model proposes; every later run obeys (analysis.md, 4.7).

Decisions name statements by `Statement.id` and themes by key. They are read in the order in which they were made: what is said
of a theme that was merged away before means the theme that it became, and nothing that was decided is ever dropped in silence.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

StatementId = Hashable


@dataclass(frozen=True)
class Rename:
    """Names by language, in place of the model's; languages that are not given keep theirs."""

    theme: str
    names: Mapping[str, str]


@dataclass(frozen=True)
class Merge:
    """`theme` becomes part of `into`, now and in every later run."""

    theme: str
    into: str


@dataclass(frozen=True)
class Part:
    """One of the themes that a split makes, with statements that are chosen as its examples."""

    theme: str
    names: Mapping[str, str]
    examples: Sequence[StatementId]


@dataclass(frozen=True)
class Split:
    """`theme` becomes several; each of its statements goes to the part whose examples it is most like."""

    theme: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Move:
    """The statement belongs to `to` in the first place, and no longer to `out_of`."""

    statement: StatementId
    to: str
    out_of: str | None = None


@dataclass(frozen=True)
class Forbid:
    """The statement does not belong to the theme."""

    statement: StatementId
    theme: str


@dataclass(frozen=True)
class Pin:
    """The theme stays, however few people it has."""

    theme: str


@dataclass(frozen=True)
class Unpin:
    """The theme no longer has to stay."""

    theme: str


@dataclass(frozen=True)
class MustLink:
    """The two statements have the same leading theme."""

    one: StatementId
    other: StatementId


@dataclass(frozen=True)
class CannotLink:
    """The two statements share no theme."""

    one: StatementId
    other: StatementId


Decision = Rename | Merge | Split | Move | Forbid | Pin | Unpin | MustLink | CannotLink


@dataclass
class Constraints:
    """What a history comes to.

    `structure`: merges and splits in their order. `inside`: the themes of which one must be a statement's leading theme (one,
    or the parts of a split). `outside`: the themes that a statement must not be in. `must_link` and `cannot_link` are pairs.
    `redirects`: for each theme that is no more, the themes that it became. `ignored`: decisions that could mean nothing, such
    as a theme merged with itself.
    """

    structure: list[Merge | Split] = field(default_factory=list)
    inside: dict[StatementId, frozenset[str]] = field(default_factory=dict)
    outside: dict[StatementId, set[str]] = field(default_factory=dict)
    pinned: set[str] = field(default_factory=set)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    must_link: list[tuple[StatementId, StatementId]] = field(default_factory=list)
    cannot_link: list[tuple[StatementId, StatementId]] = field(default_factory=list)
    redirects: dict[str, frozenset[str]] = field(default_factory=dict)
    ignored: list[Decision] = field(default_factory=list)

    def now(self, theme: str) -> frozenset[str]:
        """The themes that a theme has become: itself, what it was merged into, or the parts of its split."""
        return self.redirects.get(theme, frozenset({theme}))

    def mentioned(self) -> frozenset[str]:
        """Themes about which anything was decided: they are not given up for being small."""
        named = {key for change in self.structure for key in _themes_of(change)}
        return frozenset().union(named, self.names, self.pinned, *self.inside.values())

    def the_one(self, theme: str) -> str | None:
        """The theme that is meant, if it is one."""
        meant = self.now(theme)
        return next(iter(meant)) if len(meant) == 1 else None

    def turn(self, theme: str, became: frozenset[str]) -> None:
        """Whatever pointed to a theme points to what it became."""
        for key, meant in self.redirects.items():
            if theme in meant:
                self.redirects[key] = (meant - {theme}) | became
        self.redirects[theme] = became
        for new in became:
            self.redirects.pop(new, None)  # a key that comes back to life
        for statement, meant in self.inside.items():
            if theme in meant:
                self.inside[statement] = (meant - {theme}) | became
        for statement, barred in self.outside.items():
            if theme in barred:
                barred.discard(theme)
                barred.update(became - self.inside.get(statement, frozenset()))
        for statement, meant in self.inside.items():  # put there by a person after all
            self.outside.get(statement, set()).difference_update(meant)
        if theme in self.pinned:
            self.pinned.discard(theme)
            self.pinned |= became


def _themes_of(change: Merge | Split) -> set[str]:
    return {change.theme, change.into} if isinstance(change, Merge) else {change.theme, *(part.theme for part in change.parts)}


def what_holds(decisions: Iterable[Decision]) -> Constraints:
    """Read a history, oldest first. A later decision about the same thing replaces an earlier one."""
    held = Constraints()
    for decision in decisions:
        if not _apply(held, decision):
            held.ignored.append(decision)
    return held


def _apply(held: Constraints, decision: Decision) -> bool:
    match decision:
        case Rename(theme, names):
            key = held.the_one(theme)
            if key is None:
                return False
            held.names[key] = {**held.names.get(key, {}), **names}
        case Merge():
            return _merge(held, decision)
        case Split():
            return _split(held, decision)
        case Move(statement, to, out_of):
            targets = held.now(to)
            held.inside[statement] = targets
            barred = held.outside.setdefault(statement, set())
            barred -= targets
            if out_of is not None:
                barred |= held.now(out_of) - targets
        case Forbid(statement, theme):
            meant = held.now(theme)
            held.outside.setdefault(statement, set()).update(meant)
            left = held.inside.pop(statement, frozenset()) - meant
            if left:
                held.inside[statement] = left
        case Pin(theme):
            held.pinned |= held.now(theme)
        case Unpin(theme):
            held.pinned -= held.now(theme)
        case MustLink(one, other):
            return _link(held.must_link, held.cannot_link, one, other)
        case CannotLink(one, other):
            return _link(held.cannot_link, held.must_link, one, other)
    return True


def _merge(held: Constraints, decision: Merge) -> bool:
    theme, into = held.the_one(decision.theme), held.the_one(decision.into)
    if theme is None or into is None or theme == into:
        return False
    held.structure.append(Merge(theme, into))
    held.turn(theme, frozenset({into}))
    return True


def _split(held: Constraints, decision: Split) -> bool:
    theme = held.the_one(decision.theme)
    keys = frozenset(part.theme for part in decision.parts)
    if theme is None or len(keys) < 2 or len(keys) < len(decision.parts) or theme in keys:
        return False
    held.structure.append(Split(theme, decision.parts))
    held.turn(theme, keys)
    for part in decision.parts:
        held.names[part.theme] = dict(part.names)
        held.pinned.add(part.theme)
        for statement in part.examples:
            held.inside[statement] = frozenset({part.theme})
            held.outside.get(statement, set()).discard(part.theme)
    return True


def _link(
    links: list[tuple[StatementId, StatementId]], opposite: list[tuple[StatementId, StatementId]], one: StatementId, other: StatementId
) -> bool:
    if one == other:
        return False
    for pairs in (links, opposite):
        pairs[:] = [pair for pair in pairs if set(pair) != {one, other}]
    links.append((one, other))
    return True
