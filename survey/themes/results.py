"""What a run of the model came to, in the words of the tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from analysis.themes.model import ThemeModel
from analysis.themes.results import FoundTheme, Membership
from survey.db.columns import to_json, to_json_in_order
from survey.i18n.speech import speech
from survey.statements.queries import StatementView
from survey.themes.rules import MAX_NAME

MOST_REASONS = 6
READ_FOR_REASONS = 2000
"""Statements of a theme from which its reasons are counted."""


class RunResult:
    """What a run came to, in the words of the tables."""

    def __init__(self, model: ThemeModel, views: list[StatementView]) -> None:
        self.views = views
        self.themes = {found.key: theme_values(found, views) for found in model.themes_}
        self.proposed: dict[int, list[Membership]] = {v.id: found for v, found in zip(views, model.proposed_, strict=True)}
        self.memberships: dict[int, list[Membership]] = {
            v.id: found for v, found in zip(views, model.memberships_, strict=True)
        }
        self.copy_of = {view.id: views[int(first)].id for view, first in zip(views, model.copy_of_, strict=True)}
        self.links = [[link.one, link.other, link.likeness] for link in model.links_]
        self._tell_reasons(model)
        for key, words in model.unknown_words().items():
            self.themes[key]["words"] = to_json(words)
        for key, border in _borders(self.memberships).items():
            self.themes[key]["border"] = to_json(border)

    def _tell_reasons(self, model: ThemeModel) -> None:
        """The words for which statements are in each theme, by language, the most frequent first."""
        counted: defaultdict[str, defaultdict[tuple[str, str], Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        read: Counter[str] = Counter()
        for view, memberships, reasons in zip(self.views, model.memberships_, model.reasons_, strict=True):
            for membership in memberships:
                key = membership.theme
                read[key] += 1
                if read[key] > READ_FOR_REASONS:
                    continue
                for reason in reasons:
                    need, _, word = reason.partition(": ")
                    if need == "learnt":
                        counted[key][view.language, "learnt"][word] += 1
                    elif need == key or need.split(".", 1)[0] == key:  # the need itself, or one of its category
                        counted[key][view.language, "lexicon"][word] += 1
        for key, by_place in counted.items():
            told: dict[str, dict[str, list[str]]] = {}
            for (language, kind), words in sorted(by_place.items(), key=lambda item: (-item[1].total(), item[0])):
                told.setdefault(language, {})[kind] = _most_first(words)[:MOST_REASONS]
            self.themes[key]["reasons"] = to_json_in_order(told)

    def totals(self, here: set[int]) -> dict[str, Any]:
        """The figures of a run: people and statements, and how many of them belong to no theme."""
        views = [view for view in self.views if view.id in here]
        unsorted = Counter(view.language for view in views if not self.memberships[view.id])
        return {
            "people": len({view.response for view in views}),
            "statements": len(views),
            "unsorted": unsorted.total(),
            "languages": {
                tag: {"statements": n, "unsorted": unsorted.get(tag, 0)}
                for tag, n in sorted(Counter(view.language for view in views).items())
            },
            "links": self.links,
        }


def theme_values(found: FoundTheme, views: Sequence[StatementView]) -> dict[str, Any]:
    """A theme's row as the run sees it, but for what people decided and for what is counted from the assignments."""
    return {
        "category": found.category,
        "names": _shown_names(found),
        "people": found.people,
        "statements": found.statements,
        "languages": to_json_in_order(found.languages),
        "keywords": to_json_in_order(found.keywords),
        "quotes": to_json([views[i].id for i in found.quotes]),
        "public_quotes": to_json([views[i].id for i in found.public_quotes]),
        "stability": found.stability,
        "reasons": "{}",
        "words": "{}",
        "border": "[]",
    }


def _shown_names(found: FoundTheme) -> dict[str, str]:
    """A category's own theme holds what no theme of its own has enough people for; its name says so. Words of residents, after which
    new themes are named, may be as long as an answer.
    """
    if found.key != found.category:
        return {tag: name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…" for tag, name in found.names.items()}
    return {tag: speech("desk", tag).gettext("%(category)s: other needs", category=name) for tag, name in found.names.items()}


def _borders(memberships: dict[int, list[Membership]]) -> dict[str, list[tuple[int, str]]]:
    """For each theme two statements that are nearly as much in another one, the nearest first."""
    near: defaultdict[str, list[tuple[float, int, str]]] = defaultdict(list)
    for statement, found in memberships.items():
        if len(found) < 2:
            continue
        for one, other in ((found[0], found[1]), (found[1], found[0])):
            kept = near[one.theme]
            kept.append((abs(found[0].score - found[1].score), statement, other.theme))
            kept.sort()
            del kept[2:]
    return {key: [(statement, other) for _, statement, other in found] for key, found in near.items()}


def _most_first(words: Counter[str]) -> list[str]:
    return sorted(words, key=lambda word: (-words[word], word))
