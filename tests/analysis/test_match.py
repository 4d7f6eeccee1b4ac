"""Finding the lexicon's words: each kind of pattern in the languages that write it, and nothing more than it says."""

from __future__ import annotations

import math
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.lexicon.load import NO_NEED, Concept, Lexicon, Terms
from analysis.lexicon.match import COMBINATION_WEIGHT, Matcher
from tests.analysis.conftest import a_lexicon


def matcher_of(language: str, *terms: str, excluded: tuple[str, ...] = ()) -> Matcher:
    """A lexicon of one need with these patterns."""
    return Matcher(a_lexicon({"health.doctor": {language: Terms(terms=terms, excluded=excluded)}}))


def keys(matcher: Matcher, text: str, language: str) -> set[str]:
    return {matcher.lexicon.concepts[hit.concept].id for hit in matcher.find(text, language)}


@pytest.mark.parametrize(
    ("language", "pattern", "text", "is_found"),
    [
        # a whole word
        ("en", "bus", "The bus is late", True),
        ("en", "bus", "BUS!", True),
        ("en", "bus", "more buses", False),
        ("en", "bus", "minibus", False),
        ("en", "bus", "bus", True),
        ("ru", "лифт", "Лифт сломан", True),
        ("ru", "лифт", "лифты", False),
        ("ru", "ещё", "еще", True),
        ("fr", "medecin", "un MÉDECIN.", True),
        ("de", "straße", "STRASSE", True),
        # a star behind: words that begin so
        ("en", "doctor*", "two doctors' rooms", True),
        ("en", "doctor*", "doctor", True),
        ("en", "doctor*", "a postdoctoral post", False),
        ("ru", "врач*", "нет врачей", True),
        # a star on both sides: anywhere in a word
        ("de", "*arzt*", "Kinderarztpraxis", True),
        ("de", "*arzt*", "Arzt", True),
        ("de", "*arzt*", "Ärzte", True),
        ("de", "*garage", "Tiefgarage", True),
        ("de", "*garage", "Tiefgaragen", False),
        # a phrase
        ("en", "bus stop", "the bus  stop, please", True),
        ("en", "bus stop", "the bus-stop", True),
        ("en", "bus stop", "the bus does stop", False),
        ("en", "bus stop", "busstop", False),
        ("en", "bus stop*", "bus stops", True),
        # a star inside a phrase: that word is open
        ("es", "clase* de chino", "clases de chino gratis", True),
        ("es", "clase* de chino", "clase de chino", True),
        ("es", "clase* de chino", "clases de inglés", False),
        ("es", "clase* de chino", "clase muy buena de chino", False),
        ("ru", "медицинск* страхов*", "медицинская страховка", True),
        ("ru", "медицинск* страхов*", "медицинская и страховая", False),
        ("fr", "centre* de sante", "les centres de santé", True),
        ("en", "elder* care home*", "an elderly care homes list", True),
        # a combination: both, anywhere
        ("en", "doctor* + english", "English speaking doctors", True),
        ("en", "doctor* + english", "doctors", False),
        ("en", "bus stop* + dark", "dark at all bus stops", True),
        ("ko", "병원 + 통역", "통역이 있는 병원", True),
        # Chinese, Japanese, Korean: anywhere, without regard to spaces
        ("zh-Hans", "停车", "小区没有停车位", True),
        ("zh-Hans", "地下停车场", "地下 停车场", True),
        ("zh-Hans", "停车", "不停 车来车往", False),
        ("zh-Hans", "停车", "車停在门口", False),
        ("ja", "駐車場", "近くの駐車場が", True),
        ("ko", "주차 공간", "주차공간이 없어요", True),
        ("ko", "주차공간", "주차 공간이 없어요", True),
        ("ko", "시장", "다시 장을 보고", False),
        ("ko", "시장", "시장이 멀어요", True),
        # Traditional is compared in Simplified characters, whichever file has the word
        ("zh-Hant", "停車位", "停车位不够", True),
        ("zh-Hans", "停车位", "停車位不夠", True),
        # Arabic: prefixes, vowel signs, letter variants
        ("ar", "مستشفى", "بالمستشفى", True),
        ("ar", "مستشفى", "والمستشفى بعيد", True),
        ("ar", "مستشفى", "للمستشفى", True),
        ("ar", "مستشفى", "مُسْتَشْفَى", True),
        ("ar", "المستشفى", "في المستشفى", True),
        ("ar", "إقامة", "الاقامه", True),
        ("ar", "إقامة", "وإقامتي", False),
        ("ar", "دار", "مدارس", False),
        ("ar", "*كهربا*", "والكهربائية", True),
    ],
)
def test_pattern_finds_what_the_documentation_says(language: str, pattern: str, text: str, is_found: bool) -> None:
    searched = "zh-Hant" if text == "停車位不夠" else "zh-Hans" if text == "停车位不够" else language

    assert bool(matcher_of(language, pattern).find(text, searched)) is is_found


def test_combination_weighs_double_and_says_its_parts() -> None:
    [hit] = matcher_of("en", "doctor* + english").find("English-speaking doctors", "en")

    assert (hit.weight, hit.surface) == (COMBINATION_WEIGHT, "doctor + english")


def test_words_for_the_same_need_add_ever_less() -> None:
    matcher = matcher_of("en", "doctor*", "nurse*", "clinic")

    weights = [matcher.find(text, "en")[0].weight for text in ("doctor", "doctor doctor", "doctor nurse", "nurse doctor doctor", "clinic nurse doctor")]

    assert weights == [1.0, pytest.approx(1 + math.log(2)), *[pytest.approx(1 + math.log(n)) for n in (2, 3, 3)]]


def test_words_count_outside_excluded_phrases_alone() -> None:
    matcher = matcher_of("en", "hospital*", "vet* + hospital*", excluded=("animal hospital*", "pet* hospital*"))

    assert matcher.find("the animal hospital", "en") == []
    assert matcher.find("a pets hospital", "en") == []
    assert matcher.find("a veterinary at the animal hospital", "en") == []
    assert [hit.surface for hit in matcher.find("the animal hospital and the children's hospital", "en")] == ["hospital"]


def test_exclusion_is_for_its_own_concept_alone() -> None:
    matcher = Matcher(
        a_lexicon(
            {
                "health.hospital": {"en": Terms(terms=("hospital",), excluded=("animal hospital",))},
                "daily_life_services.pets": {"en": ("hospital",)},
            }
        )
    )

    assert keys(matcher, "animal hospital", "en") == {"daily_life_services.pets"}


@pytest.mark.parametrize(
    ("language", "short", "long", "text"),
    [
        ("en", "hospital", "pet hospital", "a pet hospital"),
        ("en", "school", "driving school*", "driving schools, a driving school"),
        ("es", "chino", "clase* de chino", "clases de chino"),
        ("zh-Hans", "医院", "宠物医院", "宠物医院在哪里"),
        ("ko", "병원", "동물 병원", "동물병원"),
    ],
)
def test_longest_match_hides_the_shorter_inside_it_and_only_there(language: str, short: str, long: str, text: str) -> None:
    matcher = Matcher(a_lexicon({"health.short": {language: (short,)}, "daily_life_services.long": {language: (long,)}}))
    shortest = short if language != "en" else f"our {short}"

    assert keys(matcher, text, language) == {"daily_life_services.long"}
    assert keys(matcher, f"{text}, {shortest}", language) == {"daily_life_services.long", "health.short"}


def test_equal_patterns_of_two_needs_are_a_tie_and_stay_one() -> None:
    matcher = Matcher(a_lexicon({"health.a": {"en": ("doctor",)}, "culture_leisure.b": {"en": ("doctor",)}}))

    assert [(hit.concept, hit.weight) for hit in matcher.find("doctor", "en")] == [(0, 1.0), (1, 1.0)]


def test_hits_come_strongest_first_each_concept_once() -> None:
    matcher = Matcher(a_lexicon({"health.a": {"en": ("doctor",)}, "culture_leisure.b": {"en": ("film + club", "film", "cinema")}}))

    found = matcher.find("doctor film club cinema", "en")

    assert [matcher.lexicon.concepts[hit.concept].id for hit in found] == ["culture_leisure.b", "health.a"]


@pytest.mark.parametrize(("text", "is_nothing"), [("all fine", True), ("All fine!!", True), ("it is all fine except the noise", False)])
def test_an_example_of_no_need_counts_as_the_whole_text_alone(text: str, is_nothing: bool) -> None:
    matcher = Matcher(
        a_lexicon(
            {
                "environment_noise.noise": {"en": ("noise", "fine")},
                f"{NO_NEED}.satisfied": {"en": Terms(terms=(), examples=("all fine",))},
            }
        )
    )

    assert (keys(matcher, text, "en") == {f"{NO_NEED}.satisfied"}) is is_nothing


def test_language_without_lexicon_and_without_terms_has_no_hits() -> None:
    matcher = Matcher(a_lexicon({"health.doctor": {"en": ("doctor",), "ko": ()}}))

    assert matcher.find("doctor", "vi") == []
    assert matcher.find("doctor", "und") == []
    assert matcher.find("doctor", "ko") == []


def test_patterns_without_a_letter_find_nothing() -> None:
    for language in ("en", "ar", "zh-Hans"):
        assert matcher_of(language, "*", "", "+", " + ", "...", "* *").find("anything at all 停车", language) == []


TERMS = ("doctor*", "nurse", "doctor* + english", "clinic* + english", "family doctor*", "*care*", "day care", "clinic* near", "english")
WORDS = ("doctor", "doctors", "nurse", "english", "clinic", "clinics", "family", "day", "care", "daycare", "near", "the")


@given(st.permutations(TERMS), st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
def test_order_of_terms_does_not_matter(terms: list[str], text: str) -> None:
    """corex_topic#49: the first list swallowed the others."""
    assert matcher_of("en", *terms).find(text, "en") == matcher_of("en", *TERMS).find(text, "en")


@given(st.randoms(use_true_random=False), st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
def test_order_of_concepts_does_not_matter(chance: random.Random, text: str) -> None:
    concepts = {f"health.{number}": {"en": (term,)} for number, term in enumerate(TERMS)}
    shuffled = list(concepts)
    chance.shuffle(shuffled)
    one, other = Matcher(a_lexicon(concepts)), Matcher(a_lexicon({key: concepts[key] for key in shuffled}))

    def found(matcher: Matcher) -> set[tuple[str, str, float]]:
        return {(matcher.lexicon.concepts[hit.concept].id, hit.surface, hit.weight) for hit in matcher.find(text, "en")}

    assert found(one) == found(other)


@given(st.text(max_size=80))
def test_bundled_lexicon_reads_anything(matcher: Matcher, text: str) -> None:
    for language in (*matcher.lexicon.languages, "und"):
        hits = matcher.find(text, language)
        assert len({hit.concept for hit in hits}) == len(hits)
        assert all(hit.weight >= 1.0 for hit in hits)


def test_star_terms_of_the_bundled_lexicon_are_alive(matcher: Matcher) -> None:
    """Every pattern finds itself when its stars are endings: none is dead."""
    dead = []
    for concept in matcher.lexicon.concepts:
        for language in ("en", "es", "ru", "de"):
            for term in concept.by_language[language].terms:
                text = " und so ".join(part.strip().replace("*", "") for part in term.split("+"))
                ended = " und so ".join(part.strip().strip("*").replace("* ", "xx ") for part in term.split("+"))
                own = Matcher(_only(matcher.lexicon, concept, language, term))
                if not (own.find(text, language) and own.find(ended, language)):
                    dead.append((language, term))

    assert dead == []


def _only(lexicon: Lexicon, concept: Concept, language: str, term: str) -> Lexicon:
    return a_lexicon({concept.id: {language: (term,)}, "other.other": {language: ("nothing",)}})


def test_a_long_text_is_searched_quickly(matcher: Matcher) -> None:
    texts = {"en": "a doctor who speaks english near the bus stop ", "zh-Hans": "小区停车位太少医生听不懂", "ko": "주차 공간이 부족 "}
    for language in texts:
        matcher.find("", language)
    started = time.process_time()

    for language, text in texts.items():
        assert matcher.find(text * (10_000 // len(text)), language)

    assert time.process_time() - started < 6
