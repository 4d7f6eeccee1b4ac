"""What a run learns from statements before anybody decides anything, and how it sorts others by it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linear_sum_assignment

from analysis.lexicon.load import Lexicon
from analysis.lexicon.match import Hit, matcher_for
from analysis.text.duplicates import near_duplicates
from analysis.themes.assign import Assigned, Judgement, NeedClassifier, joined, with_context
from analysis.themes.calibration import LEAST_JUDGED, Calibration, calibrate
from analysis.themes.constraints import Obeyed, obey
from analysis.themes.decisions import Constraints, Split
from analysis.themes.describe import Describer
from analysis.themes.embedder import Embedder
from analysis.themes.features import TextSpaces, find_hits, hit_matrix, spaced
from analysis.themes.hot_issues import LEAST_PEOPLE, HotIssues
from analysis.themes.likeness import most_alike
from analysis.themes.new_themes import Space, find_new_themes, recognise
from analysis.themes.results import DISCOVERED, HOT, LONGEST_LABEL, FormerTheme, Members, Statement, category_of

LEARN_AT_MOST = 50_000
CHUNK = 25_000
"""Statements that are learnt from, evenly spaced over all; beyond that the rest is judged in chunks, so that memory is bounded."""

TOLD_FROM = 0.15
"""Share of a hot issue's statements in one category, the commonest, from which the issue is of that category."""

SAME_AGAIN = 0.3
"""Jaccard index of a theme's statements now and before, from which it is the same theme and keeps its key."""

Report = Callable[[float, str], None]
"""Called with the share done (0 to 1) and the step's name; may raise to cancel."""


@dataclass
class Learnt:
    """What a run knows before anybody decides anything. `statements` are in the order of their content, `order` holds the position of
    each in the input; needs of fewer than `least` people are shown together.
    """

    lexicon: Lexicon
    statements: list[Statement]
    order: list[int]
    least: int
    embedder: Embedder | None = None
    random_state: int = 0
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
        self._columns = TextSpaces()

    def learn(
        self, *, known: bool, n_discovered: int | None, held: Constraints, former: Sequence[FormerTheme], tell: Report
    ) -> Learnt:
        """Learn from the statements, step by step; `tell` may raise to cancel."""
        texts, languages = [s.text for s in self.statements], [s.language for s in self.statements]
        tell(0.02, "copies")
        self.copy_of = near_duplicates(texts, languages)
        tell(0.05, "words")
        issues = np.full(len(texts), -1)
        if known and texts:
            issues = self._judge_known(texts, languages, held, tell)
        elif texts:
            features = self._columns.learn(texts, languages)
            issues = self._learn_issues(features, texts, languages, [s.person for s in self.statements])
        tell(0.5, "known needs")
        self._take_issues(issues)
        is_left = np.ones(len(texts), dtype=bool)
        is_left[self.assigned.rows] = False
        is_left[issues >= 0] = False
        found, self.spaces = self.group(
            self._asking(np.flatnonzero(is_left), self.hits), self.statements, self.copy_of, n_groups=n_discovered,
            report=lambda share: tell(0.5 + 0.35 * share, "new needs"),
        )  # fmt: skip
        self.new = found | self.hot
        self._keep_keys(former)
        return self

    def group(
        self,
        left: Sequence[int],
        statements: Sequence[Statement],
        copy_of: np.ndarray,
        *,
        n_groups: int | None = None,
        report: Callable[[float], None] = lambda _share: None,
    ) -> tuple[dict[str, Members], dict[str, Space]]:
        """Find new themes among some rows of any statements, as this run does."""
        return find_new_themes(
            left, statements, copy_of, matcher_for(self.lexicon), embedder=self.embedder, n_groups=n_groups, min_size=self.least,
            random_state=self.random_state, report=report,
        )  # fmt: skip

    def sort(self, given: Sequence[Statement], held: Constraints) -> Obeyed:
        """Sort other statements into what was found. Nothing is learnt: words, weights and groups stay."""
        texts, languages = [s.text for s in given], [s.language for s in given]
        found: defaultdict[str, Members] = defaultdict(Members)
        is_left = np.ones(len(given), dtype=bool)
        if self.classifier and given:
            judgement, issue_of = self._judge_in_chunks(self.classifier, texts, languages)
            hits = judgement.hits
            assigned = self.classifier.decide(judgement, with_context(judgement.probabilities, [s.person for s in given]))
            for key, row, score in _as_keys(assigned, self.lexicon):
                known = key if key in self.keys else category_of(key)
                found[known].rows.append(row)
                found[known].scores.append(score)
                is_left[row] = False
        else:
            hits = find_hits(matcher_for(self.lexicon), texts, languages)
            issue_of = self.issues.of_rows(self._columns.read(texts, languages), languages)
        for number, key in self.issue_keys.items():
            rows = np.flatnonzero(issue_of == number).tolist()
            if rows:
                theme = found.setdefault(key, Members(is_hot=True))
                theme.rows += rows
                theme.scores += [1.0] * len(rows)
                is_left[rows] = False
        left = self._asking(np.flatnonzero(is_left), hits)
        for key, members in recognise(left, given, self.spaces, self.embedder).items():
            found[self.renamed.get(key, key)] = members
        examples = self._examples(held)
        obeyed = self.obey(found, held, [*given, *(self.statements[row] for row in examples)], [*hits, *(self.hits[row] for row in examples)])
        for theme in obeyed.found.values():
            here = [place for place, row in enumerate(theme.rows) if row < len(given)]
            theme.rows, theme.scores = [theme.rows[place] for place in here], [theme.scores[place] for place in here]
        return obeyed

    def _examples(self, held: Constraints) -> list[int]:
        """Rows that people chose as examples of the parts of a split: later statements are compared with them."""
        names = {name for change in held.structure if isinstance(change, Split) for part in change.parts for name in part.examples}
        return [row for row, statement in enumerate(self.statements) if statement.id is not None and statement.id in names]

    def _judge_known(self, texts: list[str], languages: list[str], held: Constraints, tell: Report) -> np.ndarray:
        """Track A: learn from some, judge all, decide with what else each person said. Return each row's issue."""
        persons = [s.person for s in self.statements]
        total = len(texts)
        classifier = self.classifier = NeedClassifier(self.lexicon, self.embedder)
        told = _told(self.statements, held, self.lexicon)
        chosen = sorted({*spaced(range(total), LEARN_AT_MOST), *told})
        place = {row: i for i, row in enumerate(chosen)}
        sample = [texts[i] for i in chosen], [languages[i] for i in chosen]
        if len(told) >= LEAST_JUDGED:
            self.calibration = _calibrated(classifier, sample, {place[row]: what[0] for row, what in told.items()})
        evidence = classifier.learn(*sample, {place[row]: what for row, what in told.items()})
        tell(0.2, "hot issues")
        issue_of = np.full(total, -1)
        issue_of[chosen] = self._learn_issues(evidence.features, *sample, [persons[i] for i in chosen])
        if len(chosen) == total:
            judgement = classifier.judge(evidence, languages)
        else:
            del evidence
            judgement, others = self._judge_in_chunks(
                classifier, texts, languages, report=lambda share: tell(0.2 + 0.3 * share, "known needs")
            )
            issue_of = np.where(np.isin(range(total), chosen), issue_of, others)
        self.hits = judgement.hits
        self.assigned = classifier.decide(judgement, with_context(judgement.probabilities, persons))
        return issue_of

    def _judge_in_chunks(
        self,
        classifier: NeedClassifier,
        texts: Sequence[str],
        languages: Sequence[str],
        report: Callable[[float], None] = lambda _share: None,
    ) -> tuple[Judgement, np.ndarray]:
        """Judge statements that were not learnt from, some at a time; return each row's issue too."""
        judged, issues = [], []
        for start in range(0, len(texts), CHUNK):
            report(start / len(texts))
            part = slice(start, start + CHUNK)
            evidence = classifier.gather(texts[part], languages[part])
            judged.append(classifier.judge(evidence, languages[part]))
            issues.append(self.issues.of_rows(evidence.features, languages[part]))
        return joined(judged), np.concatenate(issues)

    @cached_property
    def describer(self) -> Describer:
        return Describer(self.statements, self.hits, self.lexicon, self.order)

    @cached_property
    def concepts(self) -> sp.csr_matrix:
        """What the lexicon hears in each row, whether or not it was asked for known needs."""
        hits = self.hits
        if self.classifier is None:
            hits = find_hits(matcher_for(self.lexicon), [s.text for s in self.statements], [s.language for s in self.statements])
        return hit_matrix(hits, len(self.lexicon.concepts))

    @cached_property
    def leads(self) -> dict[int, tuple[int, int, float]]:
        """The surest category of each assigned row, with the need within it (-1: none) and the score."""
        found: dict[int, tuple[int, int, float]] = {}
        columns = (self.assigned.rows, self.assigned.categories, self.assigned.concepts, self.assigned.scores)
        for row, category, concept, score in zip(*(column.tolist() for column in columns), strict=True):
            if row not in found or score > found[row][2]:
                found[row] = category, concept, score
        return found

    def _asking(self, rows: np.ndarray, hits: Sequence[Sequence[Hit]]) -> list[int]:
        """Those rows that may ask for something: not the ones in which the lexicon hears nothing but thanks."""
        return [row for row in rows.tolist() if not _asks_nothing(hits[row], self.lexicon)]

    def _learn_issues(
        self, features: sp.csr_matrix, texts: Sequence[str], languages: Sequence[str], persons: Sequence[Hashable]
    ) -> np.ndarray:
        return self.issues.learn(features, texts, languages, persons, least_people=max(self.least, LEAST_PEOPLE))

    @cached_property
    def reasons(self) -> list[list[str]]:
        """The words that speak for the themes of each row, whatever is decided."""
        concepts = self.lexicon.concepts
        reasons = [[f"{concepts[hit.concept].id}: {hit.surface}" for hit in hits] for hits in self.hits]
        if self.classifier:
            self._add_learnt(reasons, self.classifier)
        return reasons

    def _add_learnt(self, reasons: list[list[str]], classifier: NeedClassifier) -> None:
        names = list(self.lexicon.categories)
        open_rows = [
            row
            for row, (category, _, _) in self.leads.items()
            if not any(self.lexicon.concepts[hit.concept].category == names[category] for hit in self.hits[row])
        ]
        given = [self.statements[row] for row in open_rows]
        found = classifier.telling_words(
            [s.text for s in given], [s.language for s in given], [self.leads[row][0] for row in open_rows]
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
                wanted[category_of(key)].update(wanted.pop(key))
        return {key: Members(list(rows), list(rows.values())) for key, rows in sorted(wanted.items()) if rows}

    def _take_issues(self, issue_of: np.ndarray) -> None:
        """Make themes of the hot issues: in the category, and with the name of the need, of most of their statements."""
        leads = self.leads
        categories = list(self.lexicon.categories)
        for number, issue in enumerate(self.issues.issues):
            rows = np.flatnonzero(issue_of == number).tolist()
            if len({self.statements[row].person for row in rows}) < min(self.least, LEAST_PEOPLE) or not rows:
                continue
            in_category = Counter(leads[row][0] for row in rows if row in leads)
            category, times = min(in_category.items(), key=lambda item: (-item[1], item[0]), default=(-1, 0))
            is_told = times >= TOLD_FROM * len(rows)
            needs = Counter(leads[row][1] for row in rows if row in leads and leads[row][0] == category and leads[row][1] >= 0)
            need = min(needs, key=lambda one: (-needs[one], one), default=-1)
            where = categories[category] if is_told else DISCOVERED
            key = f"{where}.{HOT}.{'-'.join(issue.names[:2])[:LONGEST_LABEL]}"
            if is_told:
                kind = self.lexicon.concepts[need].names if need >= 0 else self.lexicon.categories[where]
                names = {language: f"{issue.names[0]}: {name}" for language, name in kind.items()}
            else:
                names = {self.statements[rows[0]].language: " · ".join(issue.names[:3])}
            self.issue_keys[number] = key
            theme = self.hot.setdefault(key, Members(is_hot=True, names=names))  # two languages may write of one place
            theme.rows += rows
            theme.scores += [max(leads[row][2] if row in leads else 0.0, 0.5) for row in rows]

    def _keep_keys(self, former: Sequence[FormerTheme]) -> None:
        """Give new themes that are former ones again their key and names."""
        known = {concept.id for concept in self.lexicon.concepts} | set(self.lexicon.categories)
        new = sorted((theme for theme in former if theme.key not in known), key=lambda theme: theme.key)
        self.former_names = {theme.key: dict(theme.names) for theme in new if theme.names}
        old = [theme for theme in new if theme.statements]
        keys = sorted(self.new)
        if not old or not keys:
            return
        now = [{self.statements[row].id for row in self.new[key].rows} for key in keys]
        before = [set(theme.statements) for theme in old]
        likeness = np.array([[_jaccard(one, other) for other in now] for one in before])
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
        row_of: dict[Hashable, int] = {}
        for row, statement in enumerate(statements):
            if statement.id is not None:
                row_of.setdefault(statement.id, row)
        return obey(found, held, row_of, lambda rows, choices: most_alike(rows, choices, statements, hits, len(self.lexicon.concepts)))


def _told(statements: Sequence[Statement], held: Constraints, lexicon: Lexicon) -> dict[int, tuple[int, int]]:
    """What people said of statements, as far as it is one known category or need: row, then category and concept."""
    categories = {name: place for place, name in enumerate(lexicon.categories)}
    told = {}
    for row, statement in enumerate(statements):
        keys = held.inside.get(statement.id, frozenset()) if statement.id is not None else frozenset()
        if len(keys) == 1:
            [key] = keys
            category = category_of(key)
            if category in categories:
                told[row] = categories[category], lexicon.index.get(key, -1)
    return told


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


def _asks_nothing(hits: Sequence[Hit], lexicon: Lexicon) -> bool:
    return bool(hits) and all(lexicon.concepts[hit.concept].category not in lexicon.categories for hit in hits)


def _jaccard(one: set[Hashable], other: set[Hashable]) -> float:
    return len(one & other) / max(len(one | other), 1)
