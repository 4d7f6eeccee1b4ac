"""An operator's own embedding model, from a local folder, and what its vectors are good for. Nothing is downloaded, and no code
that comes with a model is run.
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp

from analysis.themes.features import rows_by_family

CHUNK = 4096
"""Texts that a model gets at once: memory stays bounded, and from 10,000 on model2vec would start threads of its own."""

FEW = 20
"""Texts of a language at which its own mean counts as much as the mean of all languages."""

TEMPERATURE = 0.05
"""Of the softmax over cosines, as in SimCSE (arXiv 2104.08821): a lead of 0.1 in cosine is worth a factor of 7."""

_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")


class EmbedderError(ValueError):
    """Says in one line, for the operator, why there is no model or no vectors."""


class Embedder(Protocol):
    """A model that turns texts of any language into vectors of one space.

    `name` is the setting that it was loaded from, for the record of a run.
    """

    name: str

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return unit rows, float32 of shape (n, width); a text without content, for the model too, has a row of zeros.

        The order of the texts changes nothing. Raises EmbedderError where the model fails or its numbers are not finite.
        """


def load_embedder(setting: str) -> Embedder:
    """Load the model of a setting: `model2vec:/folder` or `sentence-transformers:/folder`.

    Raises EmbedderError, in one line: unknown kind, no such folder, no model in it, a model that needs code of its own, a package
    that is not installed, a model that does not work. What is not a folder here is refused before a library sees it, since it
    would be taken for the name of a model to download.
    """
    kind, _, where = setting.partition(":")
    if kind not in _LOADERS:
        raise EmbedderError(f"{setting}: unknown kind; write model2vec:/folder or sentence-transformers:/folder")
    with _in_one_line(setting):
        folder = Path(where).resolve()
        if not where or not folder.is_dir():
            raise EmbedderError(f"{setting}: there is no such folder; models are never downloaded")
        with _offline():
            model = _LOADERS[kind](setting, folder)
        width = _encoded(setting, model, ["."]).shape[1]
    return _FolderModel(setting, model, width)


def remove_language_means(vectors: np.ndarray, families: Sequence[str]) -> np.ndarray:
    """Take from each row what is common to its language, so that grouping all languages together does not find languages.

    From each row the mean of its language is subtracted (Libovický et al., arXiv 2004.05160; the simplest relative of Language
    Information Removal, arXiv 2109.04727). The mean of n texts counts n / (n + 20), the mean of all languages' means the rest:
    else a few texts of a small language would lose what they speak of, or keep what every text has in common.

    Parameters
    ----------
    vectors : array of shape (n, width)
        Unit rows, as `Embedder.embed` returns them. Rows of zeros count for no mean.
    families : languages, one a row; variants of one language count as one (`features.family`).

    Returns
    -------
    A new float32 array of shape (n, width): unit rows, and zeros where there were zeros. Raises ValueError where there is not one
    language a row.

    Examples
    --------
    Two subjects in two languages. The first row is like the other subject in its language, then like its subject in the other:

    >>> rows = np.array([[0.96, 0.28, 0.0], [0.96, -0.28, 0.0], [0.0, 0.28, 0.96], [0.0, -0.28, 0.96]] * 50)
    >>> [round(float(cosine), 1) for cosine in rows[1:3] @ rows[0]]
    [0.8, 0.1]
    >>> rows = remove_language_means(rows, ["en", "en", "ko", "ko"] * 50)
    >>> [round(float(cosine), 1) for cosine in rows[1:3] @ rows[0]]
    [-0.7, 0.7]

    """
    if len(families) != len(vectors):
        raise ValueError(f"{len(families)} languages for {len(vectors)} vectors")
    result = np.array(vectors, dtype=np.float32)
    is_empty = ~_has_content(result)
    groups = {name: rows[~is_empty[rows]] for name, rows in rows_by_family(families).items()}
    sums = {name: result[rows].sum(axis=0, dtype=np.float64) for name, rows in groups.items() if len(rows)}
    if not sums:
        return result
    total = sum(len(groups[name]) for name in sums)
    # Shrunk in its turn: a text that stands alone is not its own background.
    centre = np.mean([sums[name] / len(groups[name]) for name in sums], axis=0) * total / (total + FEW)
    for name, own in sums.items():
        result[groups[name]] -= ((own + FEW * centre) / (len(groups[name]) + FEW)).astype(np.float32)
    return _to_unit(result)


def similarity_to_examples(
    vectors: np.ndarray, example_vectors: np.ndarray, example_labels: Sequence[int] | np.ndarray, n_labels: int
) -> np.ndarray:
    """Say how much each row is like the examples of each label: softmax of the cosines to the labels' mean examples.

    Means rather than nearest examples: one product of (n, width) and (width, n_labels) however many examples there are, and no
    label gains by having more of them. A label of several subjects is told better as several labels.

    Parameters
    ----------
    vectors : array of shape (n, width)
        Unit rows or zeros.
    example_vectors : array of shape (n_examples, width)
        Unit rows or zeros, from the same model and treated alike.
    example_labels : integers from 0 to n_labels - 1, one an example.

    Returns
    -------
    float32 array of shape (n, n_labels). Rows sum to 1; to 0 where the row is zero or no label has examples. A label without
    examples has 0. How sure the rows look is the temperature's doing: they are no calibrated probabilities. Raises ValueError
    where the labels do not fit.

    Examples
    --------
    >>> similarity_to_examples(np.array([[1.0, 0.0], [0.0, 0.0]]), np.eye(2), [0, 1], 3).round(2).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]

    """
    count = len(example_vectors)
    places = np.asarray(example_labels, dtype=int), range(count)
    belongs = sp.csr_matrix((np.ones(count), places), shape=(n_labels, count))
    prototypes = _to_unit(np.asarray(belongs @ example_vectors, dtype=np.float32))
    likeness = vectors @ prototypes.T
    weights = np.exp((likeness - 1) / TEMPERATURE, dtype=np.float32)  # between e^-40 and 1: within float32's range
    weights *= _has_content(vectors)[:, None] & _has_content(prototypes)
    totals = weights.sum(axis=1, keepdims=True)
    return np.asarray(weights / np.where(totals > 0, totals, 1), dtype=np.float32)


@dataclass
class _FolderModel:
    name: str
    model: Any
    width: int

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        result = np.zeros((len(texts), self.width), dtype=np.float32)
        first: dict[str, int] = {}
        for row, text in enumerate(texts):
            if text.strip():
                first.setdefault(text, row)
        # Each text once, by content: a text is padded to its neighbours' length, which moves the last digits of its vector.
        distinct = sorted(first)
        for start in range(0, len(distinct), CHUNK):
            part = distinct[start : start + CHUNK]
            vectors = _encoded(self.name, self.model, part)
            if vectors.shape[1] != self.width:
                raise EmbedderError(f"{self.name}: vectors of {vectors.shape[1]} numbers after vectors of {self.width}")
            result[[first[text] for text in part]] = vectors
        for row, text in enumerate(texts):
            if first.get(text, row) != row:
                result[row] = result[first[text]]
        return _to_unit(result)


def _encoded(setting: str, model: Any, texts: list[str]) -> np.ndarray:
    with _in_one_line(setting), np.errstate(over="ignore"):  # too large for float32 is infinite, and said below
        vectors = np.asarray(model.encode(texts, show_progress_bar=False)).astype(np.float32)
    if vectors.ndim != 2 or len(vectors) != len(texts):
        raise EmbedderError(f"{setting}: an array of shape {vectors.shape} for {len(texts)} texts")
    if not np.isfinite(vectors).all():
        raise EmbedderError(f"{setting}: the model is broken, its vectors have numbers that are not finite")
    return vectors


def _has_content(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows.any(axis=1))


def _to_unit(rows: np.ndarray) -> np.ndarray:
    """Scale rows to length 1 in place, without a copy of them; rows of zeros stay. Lengths are float64: no square overflows."""
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    lengths[lengths == 0] = 1
    np.divide(rows, lengths[:, None], out=rows, casting="same_kind")
    return rows


def _model2vec(setting: str, folder: Path) -> Any:
    if not any((folder / part / "model.safetensors").is_file() for part in (".", "0_StaticEmbedding")):
        raise EmbedderError(f"{setting}: no model in this folder, model.safetensors is missing")
    library = _package("model2vec", 'pip install "linsheng[embeddings]"', setting)
    return library.StaticModel.from_pretrained(folder)


def _sentence_transformers(setting: str, folder: Path) -> Any:
    if not (folder / "modules.json").is_file():
        raise EmbedderError(f"{setting}: no model in this folder, modules.json is missing")
    # Before version 6 the library runs code that it finds in a local folder, whatever trust_remote_code says
    # (sentence-transformers#3801).
    for module in json.loads((folder / "modules.json").read_text(encoding="utf-8")):
        if not module["type"].startswith("sentence_transformers."):
            raise EmbedderError(f"{setting}: the model needs code of its own, {module['type']}, which is not run")
    library = _package("sentence_transformers", "pip install sentence-transformers", setting)
    return library.SentenceTransformer(str(folder), local_files_only=True, trust_remote_code=False)


_LOADERS: dict[str, Callable[[str, Path], Any]] = {
    "model2vec": _model2vec,
    "sentence-transformers": _sentence_transformers,
}


def _package(name: str, command: str, setting: str) -> Any:
    try:
        return importlib.import_module(name)  # slow, and optional
    except ImportError as problem:
        raise EmbedderError(f"{setting}: {name} is not installed ({problem}); install it with: {command}") from problem


@contextmanager
def _offline() -> Iterator[None]:
    """Tell the libraries to ask no server. They read it once, when they are first imported (transformers#42308): inside this."""
    before = {name: os.environ.get(name) for name in _OFFLINE}
    os.environ.update(dict.fromkeys(_OFFLINE, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _in_one_line(setting: str) -> Iterator[None]:
    """The libraries, and the folders, fail in many ways; an operator is told of each in one line."""
    try:
        yield
    except EmbedderError:
        raise
    except Exception as problem:  # the tokenizers' and safetensors' own errors are plain exceptions
        what = " ".join(f"{type(problem).__name__}: {problem}".split())
        raise EmbedderError(f"{setting}: the model does not work ({what[:300]})") from problem
