"""What the themes are compared with. Each takes labelled texts, of which it may read texts, languages and the lexicon, and
returns a group for every text; the number of labels is known to all.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from analysis.evaluation.datasets import NONE, LabelledTexts
from analysis.lexicon.load import NO_NEED
from analysis.lexicon.match import matcher_for
from analysis.text.normalize import words_form
from analysis.text.tokens import stem, stems
from analysis.themes.features import category_matrix, find_hits, hit_matrix, rows_by_family

Method = Callable[[LabelledTexts, int], list[str]]
"""Labelled texts and a seed in, a group for each text out."""


def chance(data: LabelledTexts, random_state: int) -> list[str]:
    labels = sorted(set(data.labels))
    return [str(label) for label in np.random.default_rng(random_state).choice(labels, len(data))]


def one_group(data: LabelledTexts, random_state: int) -> list[str]:  # noqa: ARG001 -- the signature of a method
    return ["all"] * len(data)


def by_language(data: LabelledTexts, random_state: int) -> list[str]:  # noqa: ARG001 -- the signature of a method
    return list(data.languages)


def keyword_vote(data: LabelledTexts, random_state: int) -> list[str]:  # noqa: ARG001 -- the signature of a method
    """The category with most words of the lexicon; ties and texts without any stay in a group of their own."""
    votes, names = _votes(data)
    ordered = np.sort(votes, axis=1)
    is_clear = ordered[:, -1] > ordered[:, -2]
    return [names[row.argmax()] if clear else NONE for row, clear in zip(votes, is_clear, strict=True)]


def k_means(data: LabelledTexts, random_state: int) -> list[str]:
    """Character TF-IDF, 100 latent dimensions, spherical k-means; all languages in one space."""
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", RuntimeWarning)
        space = _characters(data.texts, data.languages)
        width = min(100, space.shape[1] - 1, space.shape[0] - 1)
        reduced = normalize(TruncatedSVD(width, random_state=random_state).fit_transform(space))
        found = KMeans(min(len(set(data.labels)), len(data)), n_init=10, random_state=random_state).fit_predict(reduced)
    return [f"group {label}" for label in found]


def naive_teacher(data: LabelledTexts, random_state: int) -> list[str]:
    """Keyword vote, then logistic regression on each language's characters with three rounds of self-training."""
    votes, names = _votes(data)
    shares = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1e-9)
    ordered = np.sort(votes, axis=1)
    seeds = np.where(ordered[:, -1] > ordered[:, -2], votes.argmax(axis=1), -1)
    result = np.full(len(data), -1)
    for rows in rows_by_family(data.languages).values():
        space = _characters([data.texts[i] for i in rows], [data.languages[i] for i in rows])
        labels, known = seeds[rows].copy(), seeds[rows] >= 0
        for _ in range(3):
            if len(np.unique(labels[known])) < 2:
                break
            model = LogisticRegression(C=10, class_weight="balanced", max_iter=300, random_state=random_state)
            model.fit(space[known], labels[known])
            mixed = 0.4 * shares[rows]
            mixed[:, model.classes_] += 0.6 * model.predict_proba(space)
            labels = np.where(seeds[rows] >= 0, seeds[rows], mixed.argmax(axis=1))
            known = (seeds[rows] >= 0) | (mixed.max(axis=1) > 0.6)
            result[rows] = mixed.argmax(axis=1)
    return [names[label] if label >= 0 else NONE for label in result]


def supervised(data: LabelledTexts, random_state: int) -> list[str]:
    """Logistic regression trained on all labels of the other two thirds: what a seeded method would like to be."""
    space = _characters(data.texts, data.languages)
    folds = StratifiedGroupKFold(3, shuffle=True, random_state=random_state)
    groups = data.groups or [str(row) for row in range(len(data))]
    model = LogisticRegression(C=10, class_weight="balanced", max_iter=300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # labels with fewer than three texts
        return [str(label) for label in cross_val_predict(model, space, np.array(data.labels), cv=folds, groups=groups)]


def _votes(data: LabelledTexts) -> tuple[np.ndarray, list[str]]:
    names = [*data.lexicon.categories, NO_NEED]
    hits = find_hits(matcher_for(data.lexicon), data.texts, data.languages)
    found = hit_matrix(hits, len(data.lexicon.concepts))
    return np.asarray((found @ category_matrix(data.lexicon, names)).todense()), [*data.lexicon.categories, NONE]


def _characters(texts: Sequence[str], languages: Sequence[str]) -> sp.csr_matrix:
    forms = [words_form(text, language) for text, language in zip(texts, languages, strict=True)]
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, min_df=2, dtype=np.float32).fit_transform(forms)


# Systems that are compared when they are installed; the project does not depend on them.


def bertopic(data: LabelledTexts, random_state: int) -> list[str]:
    """BERTopic without an embedding model, as its documentation shows: TF-IDF, SVD, HDBSCAN, reduced to k topics."""
    from bertopic import BERTopic  # slow import of an optional system
    from umap import UMAP

    backend = _Pipeline(random_state)
    reducer = UMAP(n_neighbors=15, n_components=5, metric="cosine", random_state=random_state)
    model = BERTopic(embedding_model=backend, umap_model=reducer, nr_topics=len(set(data.labels)) + 1)
    vectors = backend.embed([words_form(*pair) for pair in zip(data.texts, data.languages, strict=True)])
    found, _ = model.fit_transform(data.texts, vectors)
    return [f"topic {label}" for label in found]


class _Pipeline:
    """Character TF-IDF reduced to 100 dimensions, in the place of an embedding model."""

    def __init__(self, random_state: int) -> None:
        self._random_state = random_state

    def embed(self, documents: list[str]) -> np.ndarray:
        space = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, min_df=2).fit_transform(documents)
        return np.asarray(TruncatedSVD(min(100, space.shape[1] - 1), random_state=self._random_state).fit_transform(space))


def corex(data: LabelledTexts, random_state: int) -> list[str]:
    """Anchored CorEx on words, with the lexicon's words as anchors."""
    from corextopic import corextopic  # slow import of an optional system

    documents = list(map(stems, data.texts, data.languages))
    counts, vocabulary = _bag(documents)
    place = {word: position for position, word in enumerate(vocabulary)}
    anchors = [[word for word in found if word in place] for found in _seed_stems(data).values()]
    model: Any = corextopic.Corex(n_hidden=len(anchors), seed=random_state)
    model.fit(counts, words=vocabulary, anchors=anchors, anchor_strength=4)
    names = list(data.lexicon.categories)
    return [names[label] for label in np.asarray(model.log_p_y_given_x).argmax(axis=1)]


def seeded_lda(data: LabelledTexts, random_state: int) -> list[str]:
    """Latent Dirichlet allocation in which the lexicon's words start in their topic (tomotopy)."""
    import tomotopy  # slow import of an optional system

    names = list(data.lexicon.categories)
    model = tomotopy.LDAModel(k=len(names), min_df=2, seed=random_state)
    for topic, found in enumerate(_seed_stems(data).values()):
        for word in found:
            model.set_word_prior(word, [1.0 if other == topic else 0.05 for other in range(len(names))])
    for document in map(stems, data.texts, data.languages):
        model.add_doc(document or ["_"])
    model.train(500, workers=1)
    return [names[int(np.argmax(document.get_topic_dist()))] for document in model.docs]


def _bag(documents: list[list[str]]) -> tuple[sp.csr_matrix, list[str]]:
    vocabulary = sorted({word for document in documents for word in document})
    place = {word: position for position, word in enumerate(vocabulary)}
    rows = [row for row, document in enumerate(documents) for _ in set(document)]
    columns = [place[word] for document in documents for word in sorted(set(document))]
    return sp.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(documents), len(vocabulary))), vocabulary


def _seed_stems(data: LabelledTexts) -> dict[str, list[str]]:
    tags = set(data.languages)
    found: dict[str, list[str]] = {name: [] for name in data.lexicon.categories}
    for concept in data.lexicon.concepts:
        for tag in tags & concept.by_language.keys():
            for term in concept.by_language[tag].terms:
                if concept.category in found and "+" not in term:
                    found[concept.category].append(stem(term.strip("*"), tag))
    return found


BASELINES: dict[str, Method] = {
    "by chance": chance,
    "one group": one_group,
    "by language": by_language,
    "k-means, characters": k_means,
    "keyword vote": keyword_vote,
    "naive teacher": naive_teacher,
}
TRAINED = "trained on all labels"

_OPTIONAL: dict[str, tuple[str, Method]] = {
    "BERTopic": ("bertopic", bertopic),
    "CorEx, anchored": ("corextopic", corex),
    "LDA, seeded": ("tomotopy", seeded_lda),
}


def installed_systems() -> dict[str, Method]:
    """Other systems that are installed here."""
    return {name: method for name, (module, method) in _OPTIONAL.items() if importlib.util.find_spec(module)}
