"""ThemeModel: statements in, need themes out. Known needs by the lexicon, then new ones among what is left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from analysis.lexicon.load import Lexicon, load_lexicon
from analysis.lexicon.match import Hit, Matcher, matcher_for
from analysis.text.tokens import stem, stems
from analysis.themes.assign import Assigned, NeedClassifier, joined, with_context
from analysis.themes.describe import concepts_of, describe_themes, spaced
from analysis.themes.discover import discover_groups
from analysis.themes.features import family, own_rows, unit_rows
from analysis.themes.keywords import theme_keywords
from analysis.themes.results import DISCOVERED, Members, Membership, Statement

LEARN_AT_MOST = 50_000
CHUNK = 25_000
"""Statements that are learnt from, evenly spaced over all; beyond that the rest is judged in chunks, so that memory is bounded."""

Report = Callable[[float, str], None]
"""Called with the share done (0 to 1) and the step's name; may raise to cancel."""


class ThemeModel(BaseEstimator):
    """Find need themes in statements of several languages.

    Parameters
    ----------
    lexicon : Lexicon, default: the bundled need lexicon
    min_people : int, default: 1 % of the people, at least 2 and at most 10
        Needs of fewer people are shown together as the other needs of their category.
    pinned : sequence of str
        Keys of themes that people have accepted: kept however small they become.
    known : bool, default True
        Whether to assign known needs first; False groups everything afresh (`--discover-only`).
    n_discovered : int, optional
        How many groups to make of the statements of each language that no known need takes.
    random_state : int, default 0

    Attributes
    ----------
    themes_ : list of results.FoundTheme, most people first
    memberships_ : list, one entry a statement, of lists of results.Membership, the leading theme first; empty: unsorted
    reasons_ : list, one entry a statement, of the lexicon's words found in it
    unsorted_share_ : float

    Examples
    --------
    >>> model = ThemeModel(min_people=1).fit([
    ...     Statement("We need a doctor who speaks English", "en", 1),
    ...     Statement("没有停车位", "zh-Hans", 2),
    ... ])
    >>> [theme.key for theme in model.themes_]
    ['health.doctor_language', 'transport_parking.parking_space']

    """

    def __init__(
        self,
        *,
        lexicon: Lexicon | None = None,
        min_people: int | None = None,
        pinned: Sequence[str] = (),
        known: bool = True,
        n_discovered: int | None = None,
        random_state: int = 0,
    ) -> None:
        self.lexicon = lexicon
        self.min_people = min_people
        self.pinned = pinned
        self.known = known
        self.n_discovered = n_discovered
        self.random_state = random_state

    def fit(self, X: Sequence[Statement], y: Any = None, *, report: Report | None = None) -> ThemeModel:  # noqa: ARG002, N803 -- scikit-learn's signature
        """Learn the themes of these statements. `y` is ignored. The order of the statements does not change the result."""
        tell = report or (lambda _share, _step: None)
        lexicon = self.lexicon or load_lexicon()
        matcher = matcher_for(lexicon)
        order = sorted(range(len(X)), key=lambda i: (X[i].language, X[i].text, str(X[i].person), X[i].is_quotable))
        statements = [X[i] for i in order]
        least = self.min_people or int(np.clip(round(0.01 * len({s.person for s in statements})), 2, 10))
        texts, languages = [s.text for s in statements], [s.language for s in statements]
        tell(0.05, "words")
        if self.known and statements:
            assigned, hits = _assign(lexicon, texts, languages, [s.person for s in statements], tell)
        else:
            nothing = np.array([], dtype=int)
            assigned, hits = Assigned(nothing, nothing, nothing, nothing), [[] for _ in statements]
        tell(0.5, "known needs")
        found = self._known_themes(assigned, lexicon, statements, least)
        is_assigned = np.zeros(len(statements), dtype=bool)
        is_assigned[assigned.rows] = True
        left = [i for i in range(len(statements)) if not is_assigned[i] and not _asks_nothing(hits[i], lexicon)]
        found |= self._new_themes(left, statements, matcher, least, tell)
        tell(0.85, "quotes")
        self.themes_ = describe_themes(found, statements, hits, lexicon, order)
        self._remember(found, hits, lexicon, order)
        tell(1.0, "done")
        return self

    def _known_themes(
        self, assigned: Assigned, lexicon: Lexicon, statements: list[Statement], least: int
    ) -> dict[str, Members]:
        categories = list(lexicon.categories)
        wanted: defaultdict[str, dict[int, float]] = defaultdict(dict)
        for row, category, concept, score in zip(
            assigned.rows.tolist(), assigned.categories.tolist(), assigned.concepts.tolist(), assigned.scores.tolist(),
            strict=True,
        ):  # fmt: skip
            key = lexicon.concepts[concept].id if concept >= 0 else categories[category]
            wanted[key][row] = score
        for key in [key for key in wanted if "." in key]:
            if len({statements[row].person for row in wanted[key]}) < least and key not in self.pinned:
                wanted[key.split(".", maxsplit=1)[0]].update(wanted.pop(key))
        return {key: Members(list(rows), list(rows.values())) for key, rows in sorted(wanted.items()) if rows}

    def _new_themes(
        self, left: list[int], statements: list[Statement], matcher: Matcher, least: int, tell: Report
    ) -> dict[str, Members]:
        """Group what is left, language by language; a new theme is named after its own first words."""
        found: dict[str, Members] = {}
        families: defaultdict[str, list[int]] = defaultdict(list)
        known: defaultdict[str, list[int]] = defaultdict(list)
        is_left = set(left)
        for row, statement in enumerate(statements):
            (families if row in is_left else known)[family(statement.language)].append(row)
        for step, name in enumerate(sorted(families)):
            rows = families[name]
            tell(0.5 + 0.35 * step / len(families), "new needs")
            features = unit_rows(own_rows([statements[row].text for row in rows], [statements[row].language for row in rows]))
            groups = discover_groups(
                features, n_groups=self.n_discovered, min_size=max(least, 3), random_state=self.random_state
            )
            members = {str(i): [statements[rows[m]].text for m in spaced(group.members, COMPARED)] for i, group in enumerate(groups)}
            language = statements[rows[0]].language
            keywords = theme_keywords(members, language, concept_of=concepts_of(matcher, language))
            elsewhere = _common_words(known[name], statements)
            for i, group in enumerate(groups):
                own = [word for word in keywords[str(i)] if stem(word, language) not in elsewhere]
                if self.n_discovered is None and not _shares_a_word(members[str(i)], own, language):
                    continue
                label = "-".join(own[:2] or keywords[str(i)][:2]) or str(i + 1)
                key = f"{DISCOVERED}.{name}.{label}"
                new = Members([rows[m] for m in group.members], group.scores, group.stability)
                if key in found and self.n_discovered is None:
                    found[key] = _joined(found[key], new)
                else:
                    found[key if key not in found else f"{key}-{i + 1}"] = new
        return found

    def _remember(
        self, found: dict[str, Members], hits: list[list[Hit]], lexicon: Lexicon, order: list[int]
    ) -> None:
        memberships: list[list[Membership]] = [[] for _ in order]
        for key, theme in found.items():
            for row, score in zip(theme.rows, theme.scores, strict=True):
                memberships[order[row]].append(Membership(key, round(float(score), 4)))
        self.memberships_ = [sorted(items, key=lambda item: (-item.score, item.theme)) for items in memberships]
        self.reasons_: list[list[str]] = [[] for _ in order]
        for row, row_hits in enumerate(hits):
            self.reasons_[order[row]] = [f"{lexicon.concepts[hit.concept].id}: {hit.surface}" for hit in row_hits]
        unsorted = sum(not items for items in self.memberships_)
        self.unsorted_share_ = unsorted / len(order) if order else 0.0


SHARED_WORD = 0.3
"""A new theme has a word that stands in so large a part of its statements; a group without one is a heap of leftovers."""


def _shares_a_word(texts: list[str], keywords: list[str], language: str) -> bool:
    if not keywords:
        return False
    wanted = stem(keywords[0], language)
    having = sum(wanted in stems(text, language) for text in texts)
    return having >= SHARED_WORD * len(texts)


COMMON = 0.1
"""A word that stands in so large a part of what known needs took (the town's name) tells no new theme from the others."""

COMPARED = 500


def _common_words(rows: list[int], statements: list[Statement]) -> set[str]:
    """Stems of words that people use whatever they speak of; none where too little is known to tell."""
    if len(rows) < 20:
        return set()
    chosen = spaced(rows, COMPARED)
    counts: Counter[str] = Counter()
    for row in chosen:
        counts.update(set(stems(statements[row].text, statements[row].language)))
    return {name for name, count in counts.items() if count > COMMON * len(chosen)}


def _joined(one: Members, other: Members) -> Members:
    """Two groups that the same words tell from the rest are one theme (many copies of one text fall into several)."""
    sizes = [len(one.rows), len(other.rows)]
    stability = float(np.average([one.stability or 0.0, other.stability or 0.0], weights=sizes))
    return Members([*one.rows, *other.rows], [*one.scores, *other.scores], stability)


def _asks_nothing(hits: list[Hit], lexicon: Lexicon) -> bool:
    return bool(hits) and all(lexicon.concepts[hit.concept].category not in lexicon.categories for hit in hits)


def _assign(
    lexicon: Lexicon, texts: list[str], languages: list[str], persons: list[Any], tell: Report
) -> tuple[Assigned, list[list[Hit]]]:
    """Track A for all statements: learn from some, judge all, decide with what else each person said."""
    total = len(texts)
    classifier = NeedClassifier(lexicon)
    chosen = spaced(range(total), LEARN_AT_MOST)
    evidence = classifier.learn([texts[i] for i in chosen], [languages[i] for i in chosen])
    if len(chosen) == total:
        judged = [classifier.judge(evidence, languages)]
    else:
        del evidence
        judged = []
        for start in range(0, total, CHUNK):
            tell(0.2 + 0.3 * start / total, "known needs")
            part = slice(start, start + CHUNK)
            judged.append(classifier.judge(classifier.gather(texts[part], languages[part]), languages[part]))
    judgement = joined(judged)
    return classifier.decide(judgement, with_context(judgement.probabilities, persons)), judgement.hits
