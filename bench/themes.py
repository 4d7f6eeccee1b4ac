"""How long and how much memory the analysis takes, beside scikit-learn's character TF-IDF of the same texts.

Run with: python -m bench.themes [SIZE ...]. Each size and each of the two runs in a process of its own.
"""

from __future__ import annotations

import json
import math
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
SIZES = (10_000, 100_000, 1_000_000)
TIMES_TFIDF = 5.0
"""At 100,000 statements the whole run may take five times the TF-IDF."""

MOST_MEGABYTES = 4_000
EXPONENT = 1.1


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


def run(what: str, size: int) -> dict[str, float]:
    """Measure one thing in this process: `themes` or `tfidf`."""
    rows = statements(size)
    if what == "themes":
        from analysis.themes.model import ThemeModel
        from analysis.themes.results import Statement

        given = [Statement(*row) for row in rows]
        ThemeModel().fit(given[:200])  # the lexicon is read once a process
        started = time.perf_counter()
        ThemeModel().fit(given)
    else:
        from sklearn.feature_extraction.text import TfidfVectorizer

        texts = [text for text, _, _ in rows]
        started = time.perf_counter()
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5)).fit_transform(texts)
    return {
        "seconds": time.perf_counter() - started,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def apart(what: str, size: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.themes", "--one", what, str(size)]
    answer = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, float] = json.loads(answer)
    return found


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
    print(f"Aims (at 100,000 at most {TIMES_TFIDF:g} x TF-IDF, {MOST_MEGABYTES:,} MB, exponent {EXPONENT}): {'met' if is_met else 'NOT met'}")
    return 0 if is_met else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(run(sys.argv[2], int(sys.argv[3]))))
    else:
        sys.exit(main([int(size) for size in sys.argv[1:]] or list(SIZES)))
