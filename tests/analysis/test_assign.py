"""Known needs by the bundled lexicon, on sentences that its authors never saw (data/): one run of the whole town."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pytest

from analysis.lexicon.load import CATEGORIES, NO_NEED, Lexicon, Terms
from analysis.lexicon.match import Matcher
from analysis.themes.assign import ALSO_FROM, ASSIGN_FROM, NeedClassifier, with_context
from analysis.themes.model import ThemeModel
from analysis.themes.results import Statement
from tests.analysis.conftest import (
    FEW_NEEDS,
    OUR_LANGUAGES,
    a_lexicon,
    by_key,
    leading,
    read_rows,
    said,
    split_by_topic,
)

NEEDS = read_rows("blind_needs")
NO_NEEDS = read_rows("no_needs")
TWO_NEEDS = read_rows("two_needs")
WITHOUT_LEXICON = ["xe máy đậu trên vỉa hè", "cây xanh", "trời hôm nay đẹp quá"]


@dataclass(frozen=True)
class Town:
    statements: list[Statement]
    model: ThemeModel

    def of(self, kind: str) -> list[tuple[Statement, str | None, set[str]]]:
        """Statements of a kind with their leading category and all their categories."""
        every = [{membership.theme.split(".", maxsplit=1)[0] for membership in found} for found in self.model.memberships_]
        rows = zip(self.statements, leading(self.model), every, strict=True)
        return [row for row in rows if row[0].person[0] == kind]


@pytest.fixture(scope="module")
def town(lexicon: Lexicon, matcher: Matcher) -> Town:
    statements = [Statement(row["text"], row["language"], ("need", i)) for i, row in enumerate(NEEDS)]
    statements += [Statement(row["text"], row["language"], ("none", i)) for i, row in enumerate(NO_NEEDS)]
    statements += [
        Statement(piece, row["language"], ("two", i))
        for i, row in enumerate(TWO_NEEDS)
        for piece in split_by_topic(matcher, row["text"].replace("|", ""), row["language"])
    ]
    statements += [Statement(text, "vi", ("vi", i)) for i, text in enumerate(WITHOUT_LEXICON)]
    return Town(statements, ThemeModel(lexicon=lexicon).fit(statements))


def test_blind_needs_are_enough_to_judge_by() -> None:
    for language in OUR_LANGUAGES:
        assert sum(row["language"] == language for row in NEEDS) >= 5
    assert {row["category"] for row in NEEDS} <= set(CATEGORIES)


def test_blind_sentences_are_not_the_lexicons_own(lexicon: Lexicon) -> None:
    examples = {
        text.casefold() for concept in lexicon.concepts for terms in concept.by_language.values() for text in terms.examples
    }

    assert not examples & {row["text"].casefold() for row in (*NEEDS, *NO_NEEDS)}


@pytest.mark.parametrize("language", OUR_LANGUAGES)
def test_clear_needs_end_in_the_right_category(town: Town, language: str) -> None:
    wrong = [
        (statement.text, found)
        for statement, found, _ in town.of("need")
        if statement.language == language and found != NEEDS[statement.person[1]]["category"]
    ]

    assert len(wrong) <= 1, wrong


def test_clear_needs_of_all_languages_end_in_the_right_category(town: Town) -> None:
    right = [found == NEEDS[statement.person[1]]["category"] for statement, found, _ in town.of("need")]

    assert np.mean(right) >= 0.93


def test_needs_meet_across_languages(town: Town) -> None:
    """turftopic#10: a theme for each language is no theme."""
    languages = {theme.key: set(theme.languages) for theme in town.model.themes_}
    categories = defaultdict(set)
    for key, found in languages.items():
        categories[key.split(".", maxsplit=1)[0]] |= found

    assert len(categories["environment_noise"]) == 10
    assert len(categories["transport_parking"]) >= 8
    assert len(languages["transport_parking.parking_space"]) >= 4


def test_a_person_with_two_needs_is_counted_for_both(town: Town) -> None:
    found: defaultdict[int, set[str]] = defaultdict(set)
    for statement, _, every in town.of("two"):
        found[statement.person[1]] |= every

    missed = [row["text"] for i, row in enumerate(TWO_NEEDS) if not {row["first"], row["second"]} <= found[i]]

    assert len(missed) <= 0.15 * len(TWO_NEEDS), missed


def test_no_need_and_off_topic_stay_unsorted(town: Town) -> None:
    forced = [(statement.text, found) for statement, found, _ in town.of("none") if found is not None]

    assert len(forced) <= 0.2 * len(NO_NEEDS), forced


def test_language_without_lexicon_takes_part_and_is_unsorted(town: Town) -> None:
    assert [found for _, found, _ in town.of("vi")] == [None] * len(WITHOUT_LEXICON)


def test_unsorted_is_counted(town: Town) -> None:
    share = np.mean([not found for found in town.model.memberships_])

    assert town.model.unsorted_share_ == pytest.approx(share)
    assert 0.05 < share < 0.3


def test_scores_are_what_the_thresholds_promise(town: Town) -> None:
    for found in town.model.memberships_:
        for membership in found:
            assert ASSIGN_FROM <= membership.score <= 1
            assert membership.score >= ALSO_FROM * found[0].score - 1e-3


def test_names_of_themes_are_the_lexicons_in_every_language(town: Town, lexicon: Lexicon) -> None:
    for theme in town.model.themes_:
        assert set(theme.names) == set(lexicon.languages)


def test_a_small_survey_of_one_language_works() -> None:
    """Ten answers in one language are a survey too."""
    texts = [row["text"] for row in NEEDS if row["language"] == "ko"] + ["주차비가 너무 올랐어요", "주차 공간 좀", "없음", "ㅋㅋㅋ"]

    model = ThemeModel().fit(said(texts, "ko"))

    assert len(texts) == 10
    assert by_key(model)["transport_parking.parking_space"].people == 3
    assert set(by_key(model)["transport_parking.parking_space"].keywords) == {"ko"}
    assert leading(model)[-2:] == [None, None]


# The classifier by itself, on the small lexicon


def decide(
    texts: list[str], persons: list[int] | None = None, lexicon: Lexicon = FEW_NEEDS
) -> list[list[tuple[int, int, float]]]:
    """The needs of each statement as (concept, category, score), best first."""
    classifier, languages = NeedClassifier(lexicon), ["en"] * len(texts)
    judgement = classifier.judge(classifier.learn(texts, languages), languages)
    probabilities = with_context(judgement.probabilities, persons or list(range(len(texts))))
    found = classifier.decide(judgement, probabilities)
    needs: list[list[tuple[int, int, float]]] = [[] for _ in texts]
    for row, concept, category, score in zip(found.rows, found.concepts, found.categories, found.scores, strict=True):
        needs[row].append((int(concept), int(category), float(score)))
    return [sorted(listed, key=lambda need: -need[2]) for listed in needs]


def test_classify_names_need_and_category_with_its_score() -> None:
    assert decide(["the doctor", "parking and drilling", "nothing known"]) == [
        [(0, 0, 1.0)],
        [(2, 1, 0.5), (3, 2, 0.5)],
        [],
    ]


def test_classify_lets_a_persons_other_statements_help_and_not_decide() -> None:
    alone = decide(["parking drilling doctor"])
    helped = decide(["parking drilling doctor", "parking"], persons=[1, 1])

    assert [need[0] for need in alone[0]] == [0, 2, 3]
    assert helped[0][0] == (2, 1, pytest.approx(0.5))


@pytest.mark.parametrize(("text", "count"), [("doctor drilling", 2), ("doctor nurse drilling", 1), ("doctor drilling parking", 3)])
def test_classify_gives_every_need_that_is_nearly_as_strong_as_the_first(text: str, count: int) -> None:
    lexicon = a_lexicon(
        {"health.a": {"en": ["doctor", "nurse", "clinic"]}, "transport_parking.b": {"en": ["parking"]}, "environment_noise.c": {"en": ["drilling"]}}
    )

    [needs] = decide([text], lexicon=lexicon)

    assert len(needs) == count


TAUGHT = a_lexicon(
    {
        "health.a": {"en": Terms(("doctor",), (), ("my back hurts", "I feel ill and weak", "my child has a fever", "pills for my headache"))},
        "transport_parking.b": {"en": Terms(("car",), (), ("nowhere to stop", "I circle the block", "the garage is full", "cars on the pavement"))},
        "environment_noise.c": {"en": Terms(("loud",), (), ("I cannot sleep", "they hammer all night", "music at midnight", "shouting outside"))},
        "culture_leisure.d": {"en": Terms(("film",), (), ("a library near us", "somewhere to swim", "a football pitch", "concerts in summer"))},
        f"{NO_NEED}.e": {"en": Terms((), (), ("all is well", "nothing to add", "no complaints", "I am content"))},
    }
)
"""Words, and examples that have none of them."""


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("my head hurts and I feel weak", 0),
        ("the garage of our block is full", 1),
        ("car and doctor: I feel ill with fever", 0),
        ("doctor and car: the garage is full, I circle", 1),
    ],
)
def test_classify_learns_from_examples_what_the_words_do_not_say(text: str, category: int) -> None:
    [needs] = decide([text], lexicon=TAUGHT)

    assert needs[0][1] == category


def test_classify_knows_who_asks_for_nothing_by_the_examples_too() -> None:
    assert decide(["I am content, I have nothing to add, no complaints"], lexicon=TAUGHT) == [[]]


def test_classify_of_nothing() -> None:
    assert decide([]) == []
