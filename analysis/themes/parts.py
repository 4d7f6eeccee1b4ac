"""Proposing how a theme may be split: by the words of its largest language, since languages are never pooled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.text.language import family
from analysis.themes.discover import discover_groups
from analysis.themes.features import TextSpaces, unit_rows
from analysis.themes.keywords import count_words, theme_keywords

EXAMPLES = 5


@dataclass(frozen=True)
class ProposedPart:
    """`examples` are positions in the texts, the most typical first; `words` tell the part from the others, in `language`."""

    examples: list[int]
    words: list[str]
    language: str


def propose_split(texts: Sequence[str], languages: Sequence[str], n_parts: int) -> list[ProposedPart]:
    """Return at most `n_parts` parts, the largest first; none where the texts do not fall apart.

    Copies of a text are one example. Statements of other languages go to the part that speaks of the same concepts, when the split
    is made (`likeness.most_alike`).
    """
    if not texts:
        return []
    [(largest, _)] = Counter(family(language) for language in languages).most_common(1)
    first: dict[str, int] = {}
    for place, (text, language) in enumerate(zip(texts, languages, strict=True)):
        if family(language) == largest:
            first.setdefault(text, place)
    places = list(first.values())
    own, tongues = [texts[place] for place in places], [languages[place] for place in places]
    if len(own) < 2 * n_parts:
        return []
    language = Counter(tongues).most_common(1)[0][0]
    discovery = discover_groups(unit_rows(TextSpaces().learn(own, tongues)), n_groups=n_parts, min_size=2)
    groups = [group for group in discovery.groups if group.members]
    if len(groups) < 2:
        return []
    counted = {i: count_words([own[place] for place in group.members], language) for i, group in enumerate(groups)}
    words = theme_keywords(counted, concept_of=lambda _word: ())
    parts = []
    for i, group in enumerate(groups):
        surest = sorted(zip([-score for score in group.scores], group.members, strict=True))[:EXAMPLES]
        parts.append(ProposedPart([places[member] for _, member in surest], words[i], language))
    sizes = [len(group.members) for group in groups]
    return [parts[i] for i in sorted(range(len(parts)), key=lambda i: (-sizes[i], i))]
