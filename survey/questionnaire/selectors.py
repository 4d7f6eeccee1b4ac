"""Conditions as CSS selectors, so that a browser shows and hides questions without a script.

What CSS cannot see (typed numbers, days, sums) has no selector: without a script such a question is always shown, and the
server drops its answer where it does not apply.
"""

from __future__ import annotations

from collections.abc import Mapping

from survey.questionnaire.evaluation import as_number
from survey.questionnaire.expressions import Tree
from survey.questionnaire.form import CHOOSING, POINTS, Question
from survey.questionnaire.values import NO_OPINION

_NEVER = ":not(*)"
_SILENT = ", ".join(f'[value="{value}"]' for value in ("", *sorted(NO_OPINION)))


class Selectors:
    """Compiles conditions for the survey page.

    Inputs are expected as the page writes them: `name` is the item's id (on the select for a long list and a ranking), `value`
    the choice's; an empty text field shows its placeholder. `shown` maps an item that is not always shown to the selector of
    the state in which it is: a page still holds what was chosen before its question was hidden, clean answers do not.
    """

    def __init__(self, items: Mapping[str, Question], shown: Mapping[str, str]) -> None:
        self._items = items
        self._shown = shown

    def compile(self, tree: Tree) -> str | None:
        """Return what follows the form's own selector in the state in which the condition holds; empty: always; None where CSS
        cannot tell.
        """
        if isinstance(tree, bool):
            return "" if tree else _NEVER
        if not isinstance(tree, list):
            return None
        operation, *parts = tree
        match operation:
            case "and" | "or":
                return self._joined(operation, parts)
            case "not":
                return _opposite(self.compile(parts[0]))
            case "=":
                return self._equal(*parts)
            case "!=":
                return _opposite(self._equal(*parts))
            case "selected" if _is_question(parts[0]) and isinstance(parts[1], str):
                return self._chosen(parts[0][1], parts[1])
            case "q":
                item = self._items[parts[0]]
                return self._answered(item) if item.is_text or item.type in CHOOSING else None
        return None

    def needed(self, trees: list[Tree]) -> str:
        """Compile several conditions that must all hold, leaving out what CSS cannot tell: too much is shown, never too little."""
        found = [selector for tree in trees for part in _conjuncts(tree) if (selector := self.compile(part)) is not None]
        return "".join(dict.fromkeys(found))

    def _joined(self, operation: str, parts: list[Tree]) -> str | None:
        found = [self.compile(part) for part in parts]
        selectors = [selector for selector in found if selector is not None]
        if len(selectors) < len(found):
            return None
        if operation == "and":
            return "".join(selectors)
        return "" if "" in selectors else f":is({', '.join(selectors)})"

    def _equal(self, left: Tree, right: Tree) -> str | None:
        if not isinstance(left, list) and not isinstance(right, list):
            return ("" if left == right else _NEVER) if isinstance(left, str) and isinstance(right, str) else None
        question, value = (left, right) if _is_question(left) else (right, left)
        if not _is_question(question) or isinstance(value, list | bool):
            return None
        item = self._items[question[1]]
        if value == "":
            return None if item.type == "date" else _opposite(self._answered(item))
        if item.type in POINTS:
            point = as_number(value)  # '3.0' is the point 3, too
            return self._chosen(item.id, f"{point:.0f}") if point.is_integer() else _NEVER
        if item.type in {"select_one", "consent"} and isinstance(value, str):
            return self._chosen(item.id, value)
        return None

    def _chosen(self, question: str, value: str) -> str:
        named = f'[name="{question}"]'
        written = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{self._shown.get(question, "")}:has({named}[value="{written}"]:checked, {named} [value="{written}"]:checked)'

    def _answered(self, item: Question) -> str:
        named = f'[name="{item.id}"]'
        chosen = f":checked:not({_SILENT})"
        written = ":is(textarea, [type=text]):not(:placeholder-shown)"
        return f"{self._shown.get(item.id, '')}:has({named}{chosen}, {named} {chosen}, {named}{written})"


def _conjuncts(tree: Tree) -> list[Tree]:
    if isinstance(tree, list) and tree[0] == "and":
        return [part for side in tree[1:] for part in _conjuncts(side)]
    return [tree]


def _is_question(tree: Tree) -> bool:
    return isinstance(tree, list) and tree[0] == "q"


def _opposite(selector: str | None) -> str | None:
    if selector is None:
        return None
    return {"": _NEVER, _NEVER: ""}.get(selector, f":not({selector})")
