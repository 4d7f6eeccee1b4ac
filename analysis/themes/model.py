"""ThemeModel: statements in, need themes out. Known needs by the lexicon, hot issues, new needs among what is left; then people's
decisions, which always win.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted

from analysis.lexicon.load import Lexicon, load_lexicon
from analysis.text.duplicates import near_duplicates
from analysis.themes.constraints import Obeyed
from analysis.themes.decisions import Constraints, Decision, what_holds
from analysis.themes.embedder import Embedder
from analysis.themes.inputs import as_statements
from analysis.themes.learnt import Learnt, Report
from analysis.themes.links import link_languages
from analysis.themes.results import DISCOVERED, FormerTheme, Membership, Statement, category_of
from analysis.themes.waves import NewGroup, Wave, WaveComparison, compare_waves


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Results are hundreds of thousands of small lists: while they are made, the collector would walk the whole survey each time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class ThemeModel(ClusterMixin, BaseEstimator):
    """Find need themes in statements of several languages.

    Parameters
    ----------
    lexicon : Lexicon, default: the bundled need lexicon
    min_people : int, default: 1 % of the people, at least 2 and at most 10
        Needs of fewer people are shown together as the other needs of their category.
    known : bool, default True
        Whether to assign known needs first; False groups everything afresh (`--discover-only`).
    n_discovered : int, optional
        How many groups to make of the statements of each language that no known need takes.
    decisions : sequence of decisions.Decision, oldest first
        What people decided. It is obeyed whatever the model thinks.
    former : sequence of results.FormerTheme
        Themes of an earlier run. A new theme that is found again keeps its key and its names.
    embedder : embedder.Embedder, optional
        An operator's own model: it averages into the known needs, and compares the rest across languages.
    random_state : int, default 0

    Attributes
    ----------
    themes_ : list of results.FoundTheme, most people first
    memberships_ : list, one entry a statement, of lists of results.Membership, the leading theme first; empty: unsorted
    labels_ : array of shape (n_statements,) of the leading themes' keys; "" for unsorted
    categories_ : array of shape (n_statements,) of the statements' own categories, which in a hot issue may be several; "" for unsorted
    proposed_ : as memberships_, but as the model says it, before people's decisions are made true
    reasons_ : list, one entry a statement, of what speaks for its themes: `need: word` for the lexicon's words, and `learnt: word`
        where none of them is of the leading category and what was learnt decided
    copy_of_ : array of shape (n_statements,), the position of the first statement that says nearly the same
    links_ : list of links.Link, proposals that new themes of two languages are one
    proposals_ : dict, for each language family the number of new groups proposed and its reasonable range (least, most)
    unmet_ : list of links between statements that other decisions contradict
    calibration_ : calibration.Calibration, once people have decided about 200 statements or more; None before
    unsorted_share_ : float

    Examples
    --------
    >>> model = ThemeModel(min_people=1).fit(["We need a doctor who speaks English", "没有停车位"])
    >>> [theme.key for theme in model.themes_]
    ['health.doctor_language', 'transport_parking.parking_space']
    >>> model.assign(["Nowhere to park my car"])[0][0].theme
    'transport_parking.parking_space'

    """

    def __init__(
        self,
        *,
        lexicon: Lexicon | None = None,
        min_people: int | None = None,
        known: bool = True,
        n_discovered: int | None = None,
        decisions: Sequence[Decision] = (),
        former: Sequence[FormerTheme] = (),
        embedder: Embedder | None = None,
        random_state: int = 0,
    ) -> None:
        self.lexicon = lexicon
        self.min_people = min_people
        self.known = known
        self.n_discovered = n_discovered
        self.decisions = decisions
        self.former = former
        self.embedder = embedder
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that the input is texts, not a table of numbers."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array = True, True, False
        return tags

    def fit(self, X: Iterable[Statement | str], y: Any = None, *, report: Report | None = None) -> ThemeModel:  # noqa: ARG002, N803 -- scikit-learn's signature
        """Learn the themes of these statements, or of these texts, each by a person of their own in the language that it seems to
        be. `y` is ignored. The order of the statements does not change the result. Raises what `inputs.as_statements` does.
        """
        tell = report or (lambda _share, _step: None)
        given = as_statements(X)
        order = sorted(range(len(given)), key=lambda i: _sort_key(given[i]))
        held = what_holds(self.decisions)
        least = self.min_people or int(np.clip(round(0.01 * len({statement.person for statement in given})), 2, 10))
        self._learnt = Learnt(
            self.lexicon or load_lexicon(), [given[i] for i in order], order, least, self.embedder, self.random_state
        ).learn(known=self.known, n_discovered=self.n_discovered, held=held, former=self.former, tell=tell)
        tell(0.85, "quotes")
        self._settle(held)
        tell(1.0, "done")
        return self

    def reassign(self, decisions: Sequence[Decision]) -> ThemeModel:
        """Obey another history of decisions without learning again, in the time that a person waits for an answer."""
        check_is_fitted(self)
        self.decisions = decisions
        self._settle(what_holds(decisions))
        return self

    def unknown_words(self) -> dict[str, dict[str, list[str]]]:
        """For each theme and language the words that tell it from the others and that the lexicon does not know, best first."""
        check_is_fitted(self)
        return self._learnt.describer.unknown_words(self._found)

    def assign(self, X: Iterable[Statement | str]) -> list[list[Membership]]:  # noqa: N803 -- scikit-learn's name
        """Sort more statements (another wave) into the themes that were found. Nothing is learnt: words, weights and groups stay."""
        check_is_fitted(self)
        given = as_statements(X)
        order = sorted(range(len(given)), key=lambda i: _sort_key(given[i]))
        sorted_ = _memberships(self._learnt.sort([given[i] for i in order], self._held), len(given))
        place = {position: row for row, position in enumerate(order)}
        return [sorted_[place[position]] for position in range(len(given))]

    def predict(self, X: Iterable[Statement | str]) -> np.ndarray:  # noqa: N803 -- scikit-learn's name
        """Return the key of each statement's leading theme, shape (n,); "" for unsorted."""
        return _labels(self.assign(X))

    def compare(self, X: Iterable[Statement | str], *, random_state: int = 0) -> WaveComparison:  # noqa: N803 -- scikit-learn's name
        """Compare what was fitted with a later wave of the same survey, in the words and themes of the first.

        What is new is sought among the unsorted statements of both waves together, by a method that does not know the waves.
        """
        check_is_fitted(self)
        learnt = self._learnt
        after = as_statements(X)
        waves = Wave(learnt.statements, [self.memberships_[place] for place in learnt.order]), Wave(after, self.assign(after))
        left = [(wave, row) for wave in (0, 1) for row, found in enumerate(waves[wave].memberships) if not found]
        statements = [waves[wave].statements[row] for wave, row in left]
        order = sorted(range(len(left)), key=lambda place: _sort_key(statements[place]))
        left, statements = [left[place] for place in order], [statements[place] for place in order]
        copy_of = near_duplicates([s.text for s in statements], [s.language for s in statements])
        new, _ = learnt.group(range(len(left)), statements, copy_of)
        groups = []
        for key, theme in new.items():
            before, later = ([left[place][1] for place in theme.rows if left[place][0] == wave] for wave in (0, 1))
            groups.append(NewGroup(key, before, later, theme.stability or 0.0))
        return compare_waves(*waves, new=groups, random_state=random_state)

    @_no_garbage_collection()
    def _settle(self, held: Constraints) -> None:
        """Turn what was learnt and what people decided into the results."""
        learnt = self._learnt
        self._held = held
        found = learnt.known_themes(held) | learnt.new
        obeyed = learnt.obey(found, held, learnt.statements, learnt.hits)
        learnt.keys = frozenset(found) | held.mentioned()
        self.themes_ = learnt.describer.describe(obeyed.found, learnt.former_names | held.names)
        self._found = obeyed.found
        self.unmet_ = obeyed.unmet
        total = len(learnt.order)
        memberships, reasons = _memberships(obeyed, total), learnt.reasons
        is_changed = bool(held.structure or held.inside or held.outside or held.must_link or held.cannot_link)
        proposed = _memberships(Obeyed(found), total) if is_changed else memberships
        self.memberships_: list[list[Membership]] = [[] for _ in range(total)]
        self.proposed_: list[list[Membership]] = [[] for _ in range(total)]
        self.reasons_: list[list[str]] = [[] for _ in range(total)]
        self.copy_of_ = np.zeros(total, dtype=int)
        for row, position in enumerate(learnt.order):
            self.memberships_[position], self.reasons_[position] = memberships[row], reasons[row]
            self.proposed_[position] = proposed[row]
            self.copy_of_[position] = learnt.order[learnt.copy_of[row]]
        self.labels_ = _labels(self.memberships_)
        hot = {key for key, theme in obeyed.found.items() if theme.is_hot}
        self.categories_ = np.array([_category(found, hot) for found in self.memberships_], dtype=object)
        self.calibration_ = learnt.calibration
        unsorted = sum(not items for items in self.memberships_)
        self.unsorted_share_ = unsorted / total if total else 0.0
        new = {key: theme for key, theme in obeyed.found.items() if key.startswith(f"{DISCOVERED}.")}
        self.links_ = link_languages(new, learnt.statements, learnt.concepts) if len(new) > 1 else []
        self.proposals_ = {
            name: (space.discovery.proposed, *space.discovery.reasonable)
            for name, space in learnt.spaces.items()
            if space.discovery.proposed and space.discovery.reasonable
        }


def _sort_key(statement: Statement) -> tuple[Any, ...]:
    return statement.language, statement.text, str(statement.person), str(statement.id), statement.is_quotable


def _memberships(obeyed: Obeyed, total: int) -> list[list[Membership]]:
    """The themes of each row: what a person decided first, then hot issues, then the surest."""
    listed: list[list[tuple[bool, bool, float, str]]] = [[] for _ in range(total)]
    for key, theme in obeyed.found.items():
        for row, score in zip(theme.rows, theme.scores, strict=True):
            is_decided = bool(obeyed.leading) and obeyed.leading.get(row) == key
            listed[row].append((not is_decided, not theme.is_hot, -round(float(score), 4), key))
    return [[Membership(key, -score) for _, _, score, key in sorted(found)] for found in listed]


def _category(found: Sequence[Membership], hot: Collection[str]) -> str:
    """The category of the surest theme; of a hot issue only where there is no other."""
    theme = next((one.theme for one in found if one.theme not in hot), found[0].theme if found else "")
    return category_of(theme)


def _labels(memberships: Sequence[Sequence[Membership]]) -> np.ndarray:
    return np.array([found[0].theme if found else "" for found in memberships], dtype=object)
