"""ThemeModel: statements in, need themes out. Known needs by the lexicon, hot issues, new needs among what is left; then people's
decisions, which always win.
"""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linear_sum_assignment
from sklearn.base import BaseEstimator, ClusterMixin

from analysis.lexicon.load import Lexicon, load_lexicon
from analysis.lexicon.match import Hit, matcher_for
from analysis.text.duplicates import near_duplicates
from analysis.text.language import identify
from analysis.themes.assign import Assigned, NeedClassifier, joined, with_context
from analysis.themes.calibration import LEAST_JUDGED, Calibration, calibrate
from analysis.themes.constraints import Obeyed, obey
from analysis.themes.decisions import Constraints, Decision, what_holds
from analysis.themes.describe import Describer
from analysis.themes.embedder import Embedder
from analysis.themes.features import TextSpaces, comparable_rows, count, find_hits, hit_matrix, rows_by_family, spaced
from analysis.themes.hot_issues import LEAST_PEOPLE, HotIssues
from analysis.themes.links import link_languages
from analysis.themes.new_themes import Space, find_new_themes, recognise
from analysis.themes.results import DISCOVERED, FormerTheme, Members, Membership, Statement
from analysis.themes.waves import NewGroup, Wave, WaveComparison, compare_waves

LEARN_AT_MOST = 50_000
CHUNK = 25_000
"""Statements that are learnt from, evenly spaced over all; beyond that the rest is judged in chunks, so that memory is bounded."""

HOT = "hot"
"""The second part of a hot issue's key; the first is the category of most of its statements, the third its name."""

SAME_AGAIN = 0.3
"""Jaccard index of a theme's statements now and before, from which it is the same theme and keeps its key."""

Report = Callable[[float, str], None]
"""Called with the share done (0 to 1) and the step's name; may raise to cancel."""


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

    def fit(self, X: Sequence[Statement | str], y: Any = None, *, report: Report | None = None) -> ThemeModel:  # noqa: ARG002, N803 -- scikit-learn's signature
        """Learn the themes of these statements, or of these texts, each by a person of their own in the language that it seems to
        be. `y` is ignored. The order of the statements does not change the result.
        """
        tell = report or (lambda _share, _step: None)
        given = as_statements(X)
        order = sorted(range(len(given)), key=lambda i: _sort_key(given[i]))
        held = what_holds(self.decisions)
        self._learnt = self._learn([given[i] for i in order], order, held, tell)
        tell(0.85, "quotes")
        self._settle(held)
        tell(1.0, "done")
        return self

    def reassign(self, decisions: Sequence[Decision]) -> ThemeModel:
        """Obey another history of decisions without learning again, in the time that a person waits for an answer."""
        self.decisions = decisions
        self._settle(what_holds(decisions))
        return self

    def assign(self, X: Sequence[Statement | str]) -> list[list[Membership]]:  # noqa: N803 -- scikit-learn's name
        """Sort more statements (another wave) into the themes that were found. Nothing is learnt: words, weights and groups stay."""
        given = as_statements(X)
        learnt = self._learnt
        texts, languages = [s.text for s in given], [s.language for s in given]
        found: defaultdict[str, Members] = defaultdict(Members)
        hits = find_hits(matcher_for(learnt.lexicon), texts, languages)
        is_left = np.ones(len(given), dtype=bool)
        if learnt.classifier and given:
            parts = [
                learnt.classifier.gather(texts[start : start + CHUNK], languages[start : start + CHUNK])
                for start in range(0, len(given), CHUNK)
            ]
            judged = joined(
                [learnt.classifier.judge(part, languages[i * CHUNK : (i + 1) * CHUNK]) for i, part in enumerate(parts)]
            )
            issues = np.concatenate(
                [learnt.issues.of_rows(part.features, languages[i * CHUNK : (i + 1) * CHUNK]) for i, part in enumerate(parts)]
            )
            assigned = learnt.classifier.decide(judged, with_context(judged.probabilities, [s.person for s in given]))
            for key, row, score in _as_keys(assigned, learnt.lexicon):
                known = key if key in learnt.keys else key.split(".", maxsplit=1)[0]
                found[known].rows.append(row)
                found[known].scores.append(score)
                is_left[row] = False
        elif given:
            issues = learnt.issues.of_rows(learnt.space_rows(texts, languages), languages)
        else:
            issues = np.array([], dtype=int)
        for number, key in learnt.issue_keys.items():
            rows = np.flatnonzero(issues == number).tolist()
            if rows:
                found[key] = Members(rows, [1.0] * len(rows), is_hot=True)
                is_left[rows] = False
        left = [row for row in np.flatnonzero(is_left).tolist() if not _asks_nothing(hits[row], learnt.lexicon)]
        for key, members in recognise(left, given, learnt.spaces, self.embedder).items():
            found[learnt.renamed.get(key, key)] = members
        obeyed = learnt.obey(found, self._held, given, hits)
        return _memberships(obeyed, len(given))

    def predict(self, X: Sequence[Statement | str]) -> np.ndarray:  # noqa: N803 -- scikit-learn's name
        """Return the key of each statement's leading theme, shape (n,); "" for unsorted."""
        return _labels(self.assign(X))

    def compare(self, X: Sequence[Statement | str], *, random_state: int = 0) -> WaveComparison:  # noqa: N803 -- scikit-learn's name
        """Compare what was fitted with a later wave of the same survey, in the words and themes of the first.

        What is new is sought among the unsorted statements of both waves together, by a method that does not know the waves.
        """
        learnt = self._learnt
        after = as_statements(X)
        waves = Wave(learnt.statements, [self.memberships_[place] for place in learnt.order]), Wave(after, self.assign(after))
        left = [(wave, row) for wave in (0, 1) for row, found in enumerate(waves[wave].memberships) if not found]
        statements = [waves[wave].statements[row] for wave, row in left]
        order = sorted(range(len(left)), key=lambda place: _sort_key(statements[place]))
        left, statements = [left[place] for place in order], [statements[place] for place in order]
        new, _ = find_new_themes(
            range(len(left)), statements, near_duplicates([s.text for s in statements], [s.language for s in statements]),
            matcher_for(learnt.lexicon), embedder=self.embedder, n_groups=None, min_size=learnt.least,
            random_state=self.random_state, report=lambda _share: None,
        )  # fmt: skip
        groups = []
        for key, theme in new.items():
            before, later = ([left[place][1] for place in theme.rows if left[place][0] == wave] for wave in (0, 1))
            groups.append(NewGroup(key, before, later, theme.stability or 0.0))
        return compare_waves(*waves, new=groups, random_state=random_state)

    def _learn(self, statements: list[Statement], order: list[int], held: Constraints, tell: Report) -> _Learnt:
        lexicon = self.lexicon or load_lexicon()
        texts, languages = [s.text for s in statements], [s.language for s in statements]
        persons = [s.person for s in statements]
        least = self.min_people or int(np.clip(round(0.01 * len(set(persons))), 2, 10))
        learnt = _Learnt(lexicon, statements, order, least)
        tell(0.02, "copies")
        learnt.copy_of = near_duplicates(texts, languages)
        tell(0.05, "words")
        issues = np.full(len(statements), -1)
        if self.known and statements:
            issues = _judge_known(learnt, held, self.embedder, max(least, LEAST_PEOPLE), tell)
        elif statements:
            features = learnt.learn_space(texts, languages)
            issues = learnt.issues.learn(
                features, texts, languages, persons, least_people=max(least, LEAST_PEOPLE)
            )
        tell(0.5, "known needs")
        learnt.take_issues(issues)
        is_left = np.ones(len(statements), dtype=bool)
        is_left[learnt.assigned.rows] = False
        is_left[issues >= 0] = False
        left = [row for row in np.flatnonzero(is_left).tolist() if not _asks_nothing(learnt.hits[row], lexicon)]
        found, learnt.spaces = find_new_themes(
            left, statements, learnt.copy_of, matcher_for(lexicon), embedder=self.embedder, n_groups=self.n_discovered,
            min_size=least, random_state=self.random_state, report=lambda share: tell(0.5 + 0.35 * share, "new needs"),
        )  # fmt: skip
        learnt.new = found | learnt.hot
        learnt.keep_keys(self.former)
        return learnt

    def _settle(self, held: Constraints) -> None:
        """Turn what was learnt and what people decided into the results."""
        with _no_garbage_collection():
            self._settle_now(held)

    def _settle_now(self, held: Constraints) -> None:
        learnt = self._learnt
        self._held = held
        found = learnt.known_themes(held) | learnt.new
        obeyed = learnt.obey(found, held, learnt.statements, learnt.hits)
        learnt.keys = frozenset(found) | held.mentioned()
        self.themes_ = learnt.describer.describe(obeyed.found, learnt.former_names | held.names)
        self.unmet_ = obeyed.unmet
        total = len(learnt.order)
        memberships, reasons = _memberships(obeyed, total), learnt.reasons()
        self.memberships_: list[list[Membership]] = [[] for _ in range(total)]
        self.reasons_: list[list[str]] = [[] for _ in range(total)]
        self.copy_of_ = np.zeros(total, dtype=int)
        for row, position in enumerate(learnt.order):
            self.memberships_[position], self.reasons_[position] = memberships[row], reasons[row]
            self.copy_of_[position] = learnt.order[learnt.copy_of[row]]
        self.labels_ = _labels(self.memberships_)
        self.calibration_ = learnt.calibration
        unsorted = sum(not items for items in self.memberships_)
        self.unsorted_share_ = unsorted / total if total else 0.0
        new = {key: theme for key, theme in obeyed.found.items() if key.startswith(f"{DISCOVERED}.")}
        self.links_ = link_languages(new, learnt.statements, learnt.concepts)
        self.proposals_ = {
            name: (space.discovery.proposed, *space.discovery.reasonable)
            for name, space in learnt.spaces.items()
            if space.discovery.proposed and space.discovery.reasonable
        }


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


def as_statements(given: Sequence[Statement | str]) -> list[Statement]:
    """Statements as they are; a text becomes one, by a person of its own."""
    return [
        one if isinstance(one, Statement) else Statement(one, identify(one).language, f"text {number}") for number, one in enumerate(given)
    ]


def _sort_key(statement: Statement) -> tuple[Any, ...]:
    return statement.language, statement.text, str(statement.person), str(statement.id), statement.is_quotable


@dataclass
class _Learnt:
    """What a run knows before anybody decides anything. Statements are in the order of their content."""

    lexicon: Lexicon
    statements: list[Statement]
    order: list[int]
    least: int
    copy_of: np.ndarray = field(default_factory=lambda: np.array([], dtype=int))
    hits: list[list[Hit]] = field(default_factory=list)
    assigned: Assigned = field(default_factory=lambda: Assigned(*(np.array([], dtype=int) for _ in range(4))))
    classifier: NeedClassifier | None = None
    issues: HotIssues = field(default_factory=HotIssues)
    issue_keys: dict[int, str] = field(default_factory=dict)
    hot: dict[str, Members] = field(default_factory=dict)
    new: dict[str, Members] = field(default_factory=dict)
    spaces: dict[str, Space] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    """For new themes that are former ones again: the key that they would have had, and the one that they keep."""

    former_names: dict[str, dict[str, str]] = field(default_factory=dict)
    calibration: Calibration | None = None
    keys: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.hits = [[] for _ in self.statements]
        self._describer: Describer | None = None
        self._columns: TextSpaces | None = None
        self._reasons: list[list[str]] | None = None

    @property
    def describer(self) -> Describer:
        if self._describer is None:
            self._describer = Describer(self.statements, self.hits, self.lexicon, self.order)
        return self._describer

    @cached_property
    def concepts(self) -> sp.csr_matrix:
        return hit_matrix(self.hits, len(self.lexicon.concepts))

    def learn_space(self, texts: Sequence[str], languages: Sequence[str]) -> sp.csr_matrix:
        """Learn columns from the statements alone, where no classifier does."""
        groups = rows_by_family(languages)
        counts = {name: count(texts, languages, rows) for name, rows in groups.items()}
        self._columns = TextSpaces().fit({name: [part] for name, part in counts.items()})
        return self._columns.rows(counts, groups, len(texts))

    def space_rows(self, texts: Sequence[str], languages: Sequence[str]) -> sp.csr_matrix:
        """Rows of other texts in the columns that were learnt."""
        columns = self._columns or TextSpaces()
        groups = rows_by_family(languages)
        return columns.rows({name: count(texts, languages, rows) for name, rows in groups.items()}, groups, len(texts))

    def reasons(self) -> list[list[str]]:
        """The words that speak for the themes of each row; made once, since they do not depend on decisions."""
        if self._reasons is None:
            concepts = self.lexicon.concepts
            self._reasons = [[f"{concepts[hit.concept].id}: {hit.surface}" for hit in hits] for hits in self.hits]
            if self.classifier:
                self._add_learnt(self._reasons, self.classifier)
        return self._reasons

    def _add_learnt(self, reasons: list[list[str]], classifier: NeedClassifier) -> None:
        leads: dict[int, tuple[float, int]] = {}
        for row, category, score in zip(
            self.assigned.rows.tolist(), self.assigned.categories.tolist(), self.assigned.scores.tolist(), strict=True
        ):
            leads[row] = max(leads.get(row, (0.0, -1)), (score, -category))
        names = list(self.lexicon.categories)
        open_rows = [
            row
            for row, (_, category) in leads.items()
            if not any(self.lexicon.concepts[hit.concept].category == names[-category] for hit in self.hits[row])
        ]
        given = [self.statements[row] for row in open_rows]
        found = classifier.telling_words(
            [s.text for s in given], [s.language for s in given], [-leads[row][1] for row in open_rows]
        )
        for row, words in zip(open_rows, found, strict=True):
            reasons[row] += [f"learnt: {word}" for word in words]

    def known_themes(self, held: Constraints) -> dict[str, Members]:
        """Rows by need; needs of too few people, about which nobody decided, go to their category."""
        wanted: defaultdict[str, dict[int, float]] = defaultdict(dict)
        for key, row, score in _as_keys(self.assigned, self.lexicon):
            wanted[key][row] = score
        kept = held.mentioned()
        for key in [key for key in wanted if "." in key]:
            if key not in kept and len({self.statements[row].person for row in wanted[key]}) < self.least:
                wanted[key.split(".", maxsplit=1)[0]].update(wanted.pop(key))
        return {key: Members(list(rows), list(rows.values())) for key, rows in sorted(wanted.items()) if rows}

    def take_issues(self, issue_of: np.ndarray) -> None:
        """Make themes of the hot issues: in the category, and with the name of the need, of most of their statements."""
        leads: dict[int, tuple[float, int, int]] = {}
        for row, category, concept, score in zip(self.assigned.rows, self.assigned.categories, self.assigned.concepts, self.assigned.scores, strict=True):
            leads[int(row)] = max(leads.get(int(row), (0.0, -1, -1)), (float(score), int(category), int(concept)))
        categories = list(self.lexicon.categories)
        for number, issue in enumerate(self.issues.issues):
            rows = np.flatnonzero(issue_of == number).tolist()
            if len({self.statements[row].person for row in rows}) < min(self.least, LEAST_PEOPLE) or not rows:
                continue
            in_category = Counter(leads[row][1] for row in rows if row in leads)
            category, times = min(in_category.items(), key=lambda item: (-item[1], item[0]), default=(-1, 0))
            is_told = times >= len(rows) / 4
            needs = Counter(leads[row][2] for row in rows if row in leads and leads[row][1] == category and leads[row][2] >= 0)
            need = min(needs, key=lambda one: (-needs[one], one), default=-1)
            where = categories[category] if is_told else DISCOVERED
            key = f"{where}.{HOT}.{'-'.join(issue.names[:2])}"
            if is_told:
                kind = self.lexicon.concepts[need].names if need >= 0 else self.lexicon.categories[where]
                names = {language: f"{issue.names[0]}: {name}" for language, name in kind.items()}
            else:
                names = {self.statements[rows[0]].language: " · ".join(issue.names[:3])}
            self.issue_keys[number] = key
            self.hot[key] = Members(rows, [max(leads.get(row, (0.0,))[0], 0.5) for row in rows], is_hot=True, names=names)

    def keep_keys(self, former: Sequence[FormerTheme]) -> None:
        """Give new themes that are former ones again their key and names."""
        known = {concept.id for concept in self.lexicon.concepts} | set(self.lexicon.categories)
        new = sorted((theme for theme in former if theme.key not in known), key=lambda theme: theme.key)
        self.former_names = {theme.key: dict(theme.names) for theme in new if theme.names}
        old = [theme for theme in new if theme.statements]
        keys = sorted(self.new)
        if not old or not keys:
            return
        now = [{self.statements[row].id for row in self.new[key].rows} for key in keys]
        likeness = np.array([[_jaccard(set(theme.statements), ids) for ids in now] for theme in old])
        again = {
            keys[there]: old[here]
            for here, there in zip(*linear_sum_assignment(-likeness), strict=True)
            if likeness[here, there] >= SAME_AGAIN
        }
        taken = {theme.key for theme in again.values()}
        renamed: dict[str, Members] = {}
        for key in keys:
            members = self.new[key]
            if key in again:
                self.renamed[key] = again[key].key
            elif key in taken:
                self.renamed[key] = f"{key}-{len(renamed) + 1}"
            renamed[self.renamed.get(key, key)] = members
        self.new = renamed
        self.issue_keys = {number: self.renamed.get(key, key) for number, key in self.issue_keys.items()}

    def obey(
        self, found: dict[str, Members], held: Constraints, statements: Sequence[Statement], hits: Sequence[Sequence[Hit]]
    ) -> Obeyed:
        row_of = {statement.id: row for row, statement in enumerate(statements) if statement.id is not None}
        return obey(found, held, row_of, lambda rows, choices: _nearest(rows, choices, statements, hits, len(self.lexicon.concepts)))


def _told(statements: Sequence[Statement], held: Constraints, lexicon: Lexicon) -> dict[int, tuple[int, int]]:
    """What people said of statements, as far as it is one known category or need: row, then category and concept."""
    categories = {name: place for place, name in enumerate(lexicon.categories)}
    told = {}
    for row, statement in enumerate(statements):
        keys = held.inside.get(statement.id, frozenset()) if statement.id is not None else frozenset()
        if len(keys) == 1:
            [key] = keys
            category = key.split(".", maxsplit=1)[0]
            if category in categories:
                told[row] = categories[category], lexicon.index.get(key, -1)
    return told


def _judge_known(
    learnt: _Learnt, held: Constraints, embedder: Embedder | None, least_people: int, tell: Report
) -> np.ndarray:
    """Track A for all statements: learn from some, judge all, decide with what else each person said. Return each row's issue."""
    statements = learnt.statements
    texts, languages = [s.text for s in statements], [s.language for s in statements]
    persons = [s.person for s in statements]
    total = len(texts)
    classifier = learnt.classifier = NeedClassifier(learnt.lexicon, embedder)
    told = _told(statements, held, learnt.lexicon)
    chosen = sorted({*spaced(range(total), LEARN_AT_MOST), *told})
    place = {row: i for i, row in enumerate(chosen)}
    sample = [texts[i] for i in chosen], [languages[i] for i in chosen]
    if len(told) >= LEAST_JUDGED:
        learnt.calibration = _calibrated(classifier, sample, {place[row]: what[0] for row, what in told.items()})
    evidence = classifier.learn(*sample, {place[row]: what for row, what in told.items()})
    tell(0.2, "hot issues")
    issue_of = np.full(total, -1)
    issue_of[chosen] = learnt.issues.learn(
        evidence.features, *sample, [persons[i] for i in chosen], least_people=least_people
    )
    if len(chosen) == total:
        judged = [classifier.judge(evidence, languages)]
    else:
        del evidence
        judged = []
        is_known = np.isin(range(total), chosen)
        for start in range(0, total, CHUNK):
            tell(0.2 + 0.3 * start / total, "known needs")
            part = slice(start, start + CHUNK)
            evidence = classifier.gather(texts[part], languages[part])
            judged.append(classifier.judge(evidence, languages[part]))
            others = learnt.issues.of_rows(evidence.features, languages[part])
            issue_of[part] = np.where(is_known[part], issue_of[part], others)
    judgement = joined(judged)
    learnt.hits = judgement.hits
    learnt.assigned = classifier.decide(judgement, with_context(judgement.probabilities, persons))
    return issue_of


def _calibrated(
    classifier: NeedClassifier, sample: tuple[list[str], list[str]], told: dict[int, int]
) -> Calibration | None:
    """Compare what people said with what the classifier says that has not heard it."""
    judged = classifier.judge(classifier.learn(*sample), sample[1])
    best, score = judged.probabilities.argmax(axis=1), judged.probabilities.max(axis=1)
    rows = sorted(told)
    return calibrate(score[rows], best[rows] == np.array([told[row] for row in rows]))


def _as_keys(assigned: Assigned, lexicon: Lexicon) -> list[tuple[str, int, float]]:
    """Theme, row and score of each assignment; the need within a category, or the category itself."""
    categories = list(lexicon.categories)
    return [
        (lexicon.concepts[concept].id if concept >= 0 else categories[category], row, score)
        for row, category, concept, score in zip(
            assigned.rows.tolist(), assigned.categories.tolist(), assigned.concepts.tolist(), assigned.scores.tolist(), strict=True
        )
    ]


def _nearest(
    rows: Sequence[int],
    choices: Sequence[Sequence[int]],
    statements: Sequence[Statement],
    hits: Sequence[Sequence[Hit]],
    n_concepts: int,
) -> list[int]:
    """Which of several sets of examples each row is most like; the first where it is like none."""
    used = sorted({*rows, *(row for examples in choices for row in examples)})
    place = {row: i for i, row in enumerate(used)}
    given = [statements[row] for row in used]
    space = comparable_rows([s.text for s in given], [s.language for s in given], [hits[row] for row in used], n_concepts)
    likeness = np.zeros((len(rows), len(choices)))
    own = space[[place[row] for row in rows]]
    for number, examples in enumerate(choices):
        if examples:
            likeness[:, number] = np.asarray((own @ space[[place[row] for row in examples]].T).max(axis=1).todense()).ravel()
    for position, row in enumerate(rows):
        for number, examples in enumerate(choices):
            likeness[position, number] += row in examples
    return [int(best) for best in likeness.argmax(axis=1)]


def _memberships(obeyed: Obeyed, total: int) -> list[list[Membership]]:
    """The themes of each row: what a person decided first, then hot issues, then the surest."""
    listed: list[list[tuple[bool, bool, float, str]]] = [[] for _ in range(total)]
    for key, theme in obeyed.found.items():
        for row, score in zip(theme.rows, theme.scores, strict=True):
            is_decided = bool(obeyed.leading) and obeyed.leading.get(row) == key
            listed[row].append((not is_decided, not theme.is_hot, -round(float(score), 4), key))
    return [[Membership(key, -score) for _, _, score, key in sorted(found)] for found in listed]


def _labels(memberships: Sequence[Sequence[Membership]]) -> np.ndarray:
    return np.array([found[0].theme if found else "" for found in memberships], dtype=object)


def _asks_nothing(hits: Sequence[Hit], lexicon: Lexicon) -> bool:
    return bool(hits) and all(lexicon.concepts[hit.concept].category not in lexicon.categories for hit in hits)


def _jaccard(one: Collection[Hashable], other: Collection[Hashable]) -> float:
    shared = len(set(one) & set(other))
    return shared / max(len(set(one) | set(other)), 1)
