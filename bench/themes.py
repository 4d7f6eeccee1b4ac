"""How long and how much memory the analysis takes, beside scikit-learn's character TF-IDF of the same texts, and beside BERTopic.

Run with: python -m bench.themes [SIZE ...]. Each size and each of what is compared runs in a process of its own.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import math
import random
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.sparse as sp

ROOT = Path(__file__).parents[1]
SIZES = (10_000, 100_000, 1_000_000)
TIMES_TFIDF = 5.0
"""At 100,000 statements the whole run may take five times the TF-IDF."""

MOST_MEGABYTES = 4_000
EXPONENT = 1.1

BESIDE_BERTOPIC = 4_000
TIMES_FASTER = 5.0
"""Than BERTopic on the same features: both get the same vectors, and give groups with their words. The whole run, which makes its
features and assigns known needs, is told beside it.
"""

MESSAGES = ROOT.parent / "shared/data/texts/zh_government_messages.tsv"
"""Real texts of up to 600 characters, which are not part of the project."""


def statements(size: int) -> list[tuple[str, str, int]]:
    """Made-up statements in ten languages: halves of the lexicon's examples put together, two a person."""
    from analysis.lexicon.load import load_lexicon

    chance = random.Random(1)
    examples: dict[str, list[str]] = {}
    for concept in load_lexicon().concepts:
        for tag, terms in concept.by_language.items():
            examples.setdefault(tag, []).extend(terms.examples)
    tags = sorted(examples)
    made = []
    for number in range(size):
        tag = chance.choice(tags)
        one, other = chance.choice(examples[tag]), chance.choice(examples[tag])
        text = one if chance.random() < 0.4 else f"{one[: len(one) // 2]} {other[len(other) // 2 :]} {chance.randint(1, 999)}"
        made.append((text, tag, number // 2))
    return made


def chinese(size: int) -> list[str]:
    """Real messages, over again where there are too few; without them made-up statements, which are much shorter."""
    if MESSAGES.is_file():
        with MESSAGES.open(encoding="utf-8", newline="") as stream:
            found = [row["text"] for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)]
    else:
        found = [text for text, tag, _ in statements(12 * size) if tag == "zh-Hans"]
    return [f"{found[i % len(found)]}{i // len(found) or ''}" for i in range(size)]


def work(what: str, size: int) -> tuple[Callable[[], object], Callable[[], object]]:
    """What is done before the clock starts, and what is measured.

    `themes` and `tfidf` take made-up statements in ten languages; `known`, `groups` and `bertopic` take Chinese texts.
    """
    from analysis.themes.model import ThemeModel
    from analysis.themes.results import Statement

    if what in {"groups", "bertopic"}:
        method = bertopic if what == "bertopic" else groups
        texts, few = chinese(size), chinese(200)
        vectors, of_few = vectors_of(texts), vectors_of(few)
        return lambda: method(few, of_few), lambda: method(texts, vectors)  # parts are compiled when they are first used

    if what == "tfidf":
        from sklearn.feature_extraction.text import TfidfVectorizer

        texts = [text for text, _, _ in statements(size)]
        return list, lambda: TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5)).fit_transform(texts)
    rows = statements(size) if what == "themes" else [(text, "zh-Hans", i) for i, text in enumerate(chinese(size))]
    given = [Statement(*row) for row in rows]
    model = ThemeModel()
    return lambda: model.fit(given[:200]), lambda: model.fit(given)  # the lexicon is read once a process


def vectors_of(texts: list[str]) -> np.ndarray:
    """Our characters and words in 100 latent dimensions, as BERTopic's documentation shows for TF-IDF."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    from analysis.themes.features import own_rows

    return np.asarray(normalize(TruncatedSVD(100, random_state=0).fit_transform(own_rows(texts, ["zh-Hans"] * len(texts)))))


def bertopic(texts: list[str], vectors: np.ndarray) -> None:
    """BERTopic as it comes; jieba cuts its words."""
    from bertopic import BERTopic
    from sklearn.feature_extraction.text import CountVectorizer

    from analysis.text.tokens import words

    cut = [" ".join(words(text, "zh-Hans")) for text in texts]
    BERTopic(language="multilingual", vectorizer_model=CountVectorizer(analyzer=str.split)).fit_transform(cut, vectors)


def groups(texts: list[str], vectors: np.ndarray) -> None:
    """Our groups of what no known need takes, how many of them being chosen by their stability, with their words."""
    from analysis.themes.discover import discover_groups
    from analysis.themes.keywords import count_words, theme_keywords

    found = discover_groups(sp.csr_matrix(vectors)).groups
    counted = {i: count_words([texts[row] for row in group.members], "zh-Hans") for i, group in enumerate(found)}
    theme_keywords(counted, concept_of=lambda _word: [])


def run(what: str, size: int) -> dict[str, float]:
    """Measure one thing in this process."""
    warnings.simplefilter("ignore")  # the parts of BERTopic warn of each other
    before, measured = work(what, size)
    before()
    started = time.perf_counter()
    measured()
    return {
        "seconds": time.perf_counter() - started,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def apart(what: str, size: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.themes", "--one", what, str(size)]
    answer = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, float] = json.loads(answer)
    return found


def beside_bertopic() -> bool:
    """Print how many times faster ours is, and tell whether that is enough; where BERTopic is not installed there is no aim."""
    if not importlib.util.find_spec("bertopic"):
        print("BERTopic is not installed: nothing beside it.")
        return True
    length = sum(map(len, chinese(BESIDE_BERTOPIC))) / BESIDE_BERTOPIC
    known, ours, other = (apart(what, BESIDE_BERTOPIC)["seconds"] for what in ("known", "groups", "bertopic"))
    print(f"{BESIDE_BERTOPIC:,} texts beside BERTopic on the same features, {length:.0f} characters each: {other:.1f} s; "
          f"ours {ours:.1f} s ({other / ours:.1f} times faster). Our whole run, features and known needs included: {known:.1f} s")  # fmt: skip
    return other >= TIMES_FASTER * ours


def main(sizes: list[int]) -> int:
    print(f"{'statements':>12}{'seconds':>10}{'TF-IDF':>10}{'times':>8}{'peak MB':>10}")
    seconds = {}
    is_met = True
    for size in sizes:
        ours, tfidf = apart("themes", size), apart("tfidf", size)
        seconds[size] = ours["seconds"]
        times = ours["seconds"] / tfidf["seconds"]
        print(f"{size:12,}{ours['seconds']:10.1f}{tfidf['seconds']:10.1f}{times:8.1f}{ours['megabytes']:10,.0f}", flush=True)
        is_met &= ours["megabytes"] <= MOST_MEGABYTES and (size != 100_000 or times <= TIMES_TFIDF)
    if len(sizes) > 1:
        first, last = sizes[0], sizes[-1]
        exponent = math.log(seconds[last] / seconds[first]) / math.log(last / first)
        print(f"growth exponent {exponent:.2f}")
        is_met &= exponent <= EXPONENT
    is_met &= beside_bertopic()
    print(f"Aims (at 100,000 at most {TIMES_TFIDF:g} x TF-IDF, {MOST_MEGABYTES:,} MB, exponent {EXPONENT}, "
          f"{TIMES_FASTER:g} x faster than BERTopic where it is installed): {'met' if is_met else 'NOT met'}")  # fmt: skip
    return 0 if is_met else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(run(sys.argv[2], int(sys.argv[3]))))
    else:
        sys.exit(main([int(size) for size in sys.argv[1:]] or list(SIZES)))
