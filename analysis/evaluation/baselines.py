"""What the themes are compared with. Each takes labelled texts, of which it may read texts, languages and the lexicon, and
returns a group for every text; the number of labels is known to all.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from functools import partial
from io import StringIO
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import Normalizer, normalize
from threadpoolctl import threadpool_limits

from analysis.evaluation.datasets import NONE, LabelledTexts
from analysis.lexicon.load import NO_NEED
from analysis.lexicon.match import matcher_for
from analysis.text.normalize import words_form
from analysis.text.tokens import stems
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


# Systems that are compared when they are installed; the project does not depend on them. Each does here what its documentation
# offers without a language model, in the way that did best on the development sets.


def bertopic(data: LabelledTexts, random_state: int) -> list[str]:
    """BERTopic on TF-IDF and SVD, with UMAP, and k-means for k topics.

    Of what its documentation offers: HDBSCAN with `nr_topics` and `reduce_outliers` finds the labels less well.
    """
    return _bertopic(data, [[] for _ in data.texts], random_state)


def guided_bertopic(data: LabelledTexts, random_state: int) -> list[str]:
    """BERTopic with the lexicon's categories as its seed topics."""
    return _bertopic(data, _heard(data), random_state)


_BREAK = "\x01"
"""Between a text and its words: BERTopic passes strings on, and makes spaces of tabs."""


def _bertopic(data: LabelledTexts, heard: Sequence[Sequence[str]], random_state: int) -> list[str]:
    documents = [
        f"{words_form(text, tag)}{_BREAK}{' '.join([*stems(text, tag), *found])}"
        for text, tag, found in zip(data.texts, data.languages, heard, strict=True)
    ]
    seeds = sorted({word for found in heard for word in found})
    with warnings.catch_warnings():  # BERTopic would silence them for good, and its parts warn of each other
        warnings.simplefilter("ignore")
        from bertopic import BERTopic  # slow import of an optional system
        from umap import UMAP

        how: dict[str, Any] = {"sublinear_tf": True, "min_df": 2, "dtype": np.float32}
        characters = TfidfVectorizer(preprocessor=_before_break, analyzer="char_wb", ngram_range=(1, 4), **how)
        features = make_union(characters, TfidfVectorizer(analyzer=_after_break, **how))
        space = features.fit_transform(documents)
        reduced = make_pipeline(TruncatedSVD(min(100, space.shape[1] - 1), random_state=random_state), Normalizer())
        vectors = reduced.fit_transform(space)
        model = BERTopic(
            language="multilingual",
            embedding_model=make_pipeline(features, reduced),
            seed_topic_list=[[_BREAK + word] for word in seeds] or None,
            umap_model=UMAP(min(15, len(data) - 1), n_components=5, min_dist=0.0, metric="cosine", random_state=random_state),
            hdbscan_model=KMeans(min(len(set(data.labels)), len(data)), n_init=10, random_state=random_state),
            vectorizer_model=CountVectorizer(analyzer=_after_break),
        )
        found, _ = model.fit_transform(documents, vectors)
    return [f"topic {label}" for label in found]


def _before_break(document: str) -> str:
    return document.partition(_BREAK)[0]


def _after_break(document: str) -> list[str]:
    return document.partition(_BREAK)[2].split()


def corex(data: LabelledTexts, random_state: int) -> list[str]:
    """Anchored CorEx on words: each category is the anchor of a topic."""
    return _seeded(data, partial(_corex, random_state=random_state))


def _corex(documents: list[list[str]], seeds: list[str], *, random_state: int) -> list[int]:
    from corextopic.corextopic import Corex  # slow import of an optional system

    least = max(2, round(0.0015 * len(documents)))  # with rarer words it explains chance
    frequency = Counter(word for document in documents for word in set(document))
    vectorizer = CountVectorizer(analyzer=list, vocabulary=sorted({*seeds, *(w for w in frequency if frequency[w] >= least)}))
    counts = vectorizer.transform(documents).astype(float)
    with np.errstate(), redirect_stdout(StringIO()):  # it sets how numpy reports errors, and prints of words that all texts have
        model: Any = Corex(n_hidden=len(seeds), seed=random_state)
        model.fit(counts, words=list(vectorizer.get_feature_names_out()), anchors=seeds, anchor_strength=2)
    return [int(topic) for topic in model.log_p_y_given_x.argmax(axis=1)]


def seeded_lda(data: LabelledTexts, random_state: int) -> list[str]:
    """Latent Dirichlet allocation of words in which each category has a topic by its prior (tomotopy)."""
    return _seeded(data, partial(_seeded_lda, random_state=random_state))


def _seeded_lda(documents: list[list[str]], seeds: list[str], *, random_state: int) -> list[int]:
    import tomotopy  # slow import of an optional system

    model = tomotopy.LDAModel(k=len(seeds), min_df=2, seed=random_state)
    for topic, word in enumerate(seeds):
        model.set_word_prior(word, {topic: 10.0})
    for document in filter(None, documents):
        model.add_doc(document)
    model.train(500, workers=1)
    topics = iter(model.docs)
    return [int(np.argmax(next(topics).get_topic_dist())) if document else -1 for document in documents]


def _seeded(data: LabelledTexts, assign: Callable[[list[list[str]], list[str]], list[int]]) -> list[str]:
    """Each language by itself, as ours: the topics have the categories' names, so that the languages can be joined again.

    `assign` takes documents of words and the words that are seeds, and gives the position of a seed for each document, or -1.
    """
    heard = _heard(data)
    labels = dict(zip(_category_words(data), [*data.lexicon.categories, NONE], strict=True))
    result = [NONE] * len(data)
    for rows in rows_by_family(data.languages).values():
        present = {word for i in rows for word in heard[i]}
        seeds = [word for word in labels if word in present]
        if not seeds:
            continue
        documents = [[*stems(data.texts[i], data.languages[i]), *heard[i]] for i in rows]
        for row, topic in zip(rows, assign(documents, seeds) if len(seeds) > 1 else [0] * len(rows), strict=True):
            result[row] = labels[seeds[topic]] if topic >= 0 else NONE
    return result


def _heard(data: LabelledTexts) -> list[list[str]]:
    """The categories of what the lexicon finds in each text, as words to put beside the text's own.

    These systems take single words as seeds, while the lexicon knows parts of words and phrases, in every language. With its
    finds as words all methods know the same of a text, and these do far better than with the lexicon's words as their seeds.
    """
    names = dict(zip([*data.lexicon.categories, NO_NEED], _category_words(data), strict=True))
    hits = find_hits(matcher_for(data.lexicon), data.texts, data.languages)
    return [[names[data.lexicon.concepts[hit.concept].category] for hit in found] for found in hits]


def _category_words(data: LabelledTexts) -> list[str]:
    """A word for each category and for none, which no text has: stems are letters only."""
    return [f"category_{position:03}" for position in range(len(data.lexicon.categories) + 1)]


BASELINES: dict[str, Method] = {
    "by chance": chance,
    "one group": one_group,
    "by language": by_language,
    "k-means, characters": k_means,
    "keyword vote": keyword_vote,
    "naive teacher": naive_teacher,
}
TRAINED = "trained on all labels"

_OPTIONAL: dict[str, tuple[tuple[str, ...], Method]] = {
    "BERTopic": (("bertopic", "umap", "hdbscan"), bertopic),
    "BERTopic, guided": (("bertopic", "umap", "hdbscan"), guided_bertopic),
    "CorEx, anchored": (("corextopic", "six"), corex),
    "LDA, seeded": (("tomotopy",), seeded_lda),
}
"""Modules that each needs, its own first."""


def installed_systems() -> dict[str, Method]:
    """Other systems that are installed here."""
    return {name: method for name, (modules, method) in _OPTIONAL.items() if not _missing(modules)}


def left_out() -> dict[str, str]:
    """Other systems that cannot be compared here, and the module that is missing."""
    return {name: _missing(modules)[0] for name, (modules, _) in _OPTIONAL.items() if _missing(modules)}


def _missing(modules: tuple[str, ...]) -> list[str]:
    return [module for module in modules if not importlib.util.find_spec(module)]
