"""Near-copies: what is one text to a reader is together, what asks for another thing is not, and no input makes it slow."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from analysis.text import duplicates
from analysis.text.duplicates import ALIKE, SHORT, near_duplicates
from analysis.text.normalize import words_form
from tests.analysis.conftest import read_rows, real_rows


def firsts_of(texts: list[str], language: str = "en") -> list[int]:
    return near_duplicates(texts, [language] * len(texts)).tolist()  # type: ignore[no-any-return]


@lru_cache(maxsize=5_000)
def ngrams_of(text: str, language: str) -> frozenset[tuple[str, ...]]:
    """5-grams of words, 3-grams where spaces do not count, with blanks around; written another way than in the module."""
    size = 5 if language == "en" else 3
    padded = form_of(text, language).join([" " * (size - 1)] * 2)
    return frozenset(zip(*(padded[place:] for place in range(size)), strict=False))


def form_of(text: str, language: str) -> str:
    form = words_form(text, language).strip()
    return form if language == "en" else form.replace(" ", "")


def likeness(one: str, other: str, language: str = "en") -> float:
    first, second = ngrams_of(one, language), ngrams_of(other, language)
    return len(first & second) / max(1, len(first | second))


@pytest.mark.parametrize(
    ("one", "other", "languages"),
    [
        ("No parking", "no parking!", ("en", "en")),
        ("Pas de médecin", "PAS DE MEDECIN…", ("fr", "fr")),
        ("停车位不够", "停車位，不夠！", ("zh-Hans", "zh-Hant")),
        ("주차 공간이 부족해요", "주차공간이 부족해요", ("ko", "ko")),
        ("ещё один автобус", "Еще один автобус.", ("ru", "ru")),
        ("駐車場がない", "駐車場がない。", ("ja", "ja")),
        ("Bus 12", "bus １２", ("und", "und")),
    ],
)
def test_texts_that_differ_in_writing_only_are_copies_however_short(
    one: str, other: str, languages: tuple[str, str]
) -> None:
    assert len(set(near_duplicates([one, other], languages).tolist())) == 1


LETTERS = {
    "en": (
        "Dear committee, I live in building {} and the lift has been out of order for three weeks, please have it mended.",
        "I live in building {} and the lift has been out of order for three weeks - please have it mended!!",
    ),
    "zh-Hans": (
        "领导您好：我住在{}号楼，电梯已经坏了三个星期，老人上下楼非常困难，打了很多次电话也没有人管，希望尽快派人来修理。",
        "我住在{}号楼，电梯已经坏了三个星期。老人上下楼非常困难，打了很多次电话也没有人管，希望尽快派人来修理！",
    ),
    "ko": (
        "저는 {}동에 사는 주민입니다. 엘리베이터가 삼 주째 고장 나서 어르신들이 계단을 오르내리기 너무 힘드시니 빨리 고쳐 주세요.",
        "{}동에 사는 주민입니다 엘리베이터가 삼주째 고장나서 어르신들이 계단을 오르내리기 너무 힘드시니 빨리 고쳐 주세요",
    ),
    "ar": (
        "أسكن في المبنى رقم {} والمصعد معطل منذ ثلاثة أسابيع ويصعب على كبار السن صعود الدرج كل يوم فأرجو إصلاحه بسرعة",
        "أنا أسكن في المبنى رقم {} والمصعد معطل منذ ثلاثة أسابيع ويصعب على كبار السن صعود الدرج كل يوم فأرجو إصلاحه بسرعة",
    ),
}


@pytest.mark.parametrize("language", LETTERS)
def test_letter_with_another_greeting_or_house_number_is_a_copy(language: str) -> None:
    one, other = LETTERS[language]

    assert len(set(firsts_of([one.format(3), other.format(3)], language))) == 1
    assert len(set(firsts_of([one.format(3), one.format(5)], language))) == 1


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["need a bus", "need a bin"]),
        ("en", ["We need more buses at night", "We need more benches at night"]),
        ("en", ["Please mend the lamp at 12", "Please mend the lamp at 13"]),  # a letter at the end counts as any other
        ("en", ["The leash laws should be enforced", "The leash laws and the noise ordinance should be enforced"]),
        ("zh-Hans", ["希望增加停车位", "希望增加垃圾桶"]),
        ("zh-Hans", ["我们小区三号楼门口的路灯坏了很久没有人修", "我们小区三号楼门口的电梯坏了很久没有人修"]),
        ("ko", ["주차장이 부족합니다", "놀이터가 부족합니다"]),
    ],
)
def test_texts_that_ask_for_different_things_are_no_copies(language: str, texts: list[str]) -> None:
    assert firsts_of(texts, language) == [0, 1]


def test_short_texts_are_copies_only_when_equal_though_long_ones_as_alike_are_together() -> None:
    short, long = "ab" * 4 + "cdefghijklm", "ab" * 9 + "cdefghijklmnopqrstuvwxyz"
    assert len(short) < SHORT <= len(long)

    assert firsts_of([f"{short}", f"ab{short}"[: SHORT - 1]]) == [0, 1]
    assert len(set(firsts_of([long, f"ab{long}"]))) == 1


def test_copies_are_sought_within_a_language_family() -> None:
    found = near_duplicates(
        ["Wi-Fi"] * 4 + ["停车", "停車", "停車"], ["en", "fr", "en-GB", "und", "zh-Hans", "zh-Hant", "ja"]
    )

    assert found.tolist() == [0, 1, 0, 3, 5, 5, 6]


@pytest.mark.parametrize("text", ["", " ", "\n\u200b", "👍", "?!…", "👩‍👩‍👧 🎉"])
@pytest.mark.parametrize("language", ["en", "zh-Hans", "und"])
def test_texts_without_a_letter_or_digit_are_copies_of_nothing(text: str, language: str) -> None:
    assert firsts_of([text] * 3, language) == [0, 1, 2]


def test_no_text_and_one_text() -> None:
    assert firsts_of([]) == []
    assert firsts_of(["The street lamp in front of our house is broken"]) == [0]


def test_texts_and_languages_of_different_number_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        near_duplicates(["one", "two"], ["en"])


def test_half_a_character_pair_and_a_very_long_text_are_read() -> None:
    """Browsers and spreadsheets send half of an emoji where a text was cut."""
    cut = "The street lamp in front of our house is broken \ud83d"
    long = " ".join(f"number {i}" for i in range(30_000))

    assert firsts_of([cut, long, cut[:-1], f"{long} and more"]) == [2, 1, 2, 1]


# What comes first, and what a chain of changes becomes


def test_first_is_what_was_written_most_often_and_gathers_what_people_changed_in_it() -> None:
    letter = "Please let the bus stop at the north gate again, the children walk a long way"
    changed = [letter.replace("Please", "Do"), letter.replace("long way", "lot"), f"A {letter}"]

    found = firsts_of([*changed, letter, letter])

    assert found == [3] * 5
    assert likeness(changed[0], changed[1]) < ALIKE  # who began with one of them would lose the other


def test_first_of_equally_frequent_texts_is_alphabetically_first_wherever_it_stands() -> None:
    letter = "Please let the bus stop at the north gate again"

    assert firsts_of([f"{letter}!", letter.upper(), letter]) == [1, 1, 1]
    assert firsts_of([letter.upper(), letter, f"{letter}!"]) == [0, 0, 0]


def test_chain_of_small_changes_is_cut_where_it_is_no_longer_like_its_first() -> None:
    chance = random.Random(0)
    text, chain = [chance.choice("abcdefghij") for _ in range(100)], []
    for step in range(300):
        text[step % 100] = chance.choice("klmnopqrst")
        chain.append("".join(text))
    assert all(likeness(one, other) >= ALIKE for one, other in pairwise(chain))

    found = firsts_of(chain)

    assert all(likeness(chain[first], text) >= ALIKE for first, text in zip(found, chain, strict=True))
    assert 15 <= len(set(found)) <= 150


# Properties


@st.composite
def changed_texts(draw: st.DrawFn) -> list[tuple[str, str]]:
    """A few texts, each several times, with something put in, left out or written otherwise."""
    made = []
    for base in draw(st.lists(st.text("abcdeé 1停車车。", max_size=60), min_size=1, max_size=4)):
        for _ in range(draw(st.integers(1, 4))):
            place, more = draw(st.integers(0, len(base))), draw(st.text("xyz!, ", max_size=4))
            text = base[:place] + more + base[place + draw(st.integers(0, 3)) :]
            language = draw(st.sampled_from(["en", "zh-Hans", "zh-Hant"]))
            made.append((text.upper() if draw(st.booleans()) else text, language))
    return made


@given(changed_texts())
def test_groups_keep_what_they_promise(rows: list[tuple[str, str]]) -> None:
    texts, languages = zip(*rows, strict=True)

    found = near_duplicates(texts, languages)

    assert found[found].tolist() == found.tolist()  # a first points to itself
    for row, first in enumerate(found):
        form, first_form = form_of(*rows[row]), form_of(*rows[first])
        if row != first:
            assert languages[row][:2] == languages[first][:2]
            assert form == first_form or likeness(texts[row], texts[first], languages[row]) >= ALIKE
            assert form == first_form or min(len(form), len(first_form)) >= SHORT
            assert form
    by_form: dict[tuple[str, str], set[int]] = {}
    for (text, language), first in zip(rows, found.tolist(), strict=True):
        by_form.setdefault((language[:2], form_of(text, language)), set()).add(first)
    assert all(len(firsts) == 1 for (_, form), firsts in by_form.items() if form)


@given(changed_texts(), st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order_of_the_texts(rows: list[tuple[str, str]], chance: random.Random) -> None:
    order = list(range(len(rows)))
    chance.shuffle(order)

    found = near_duplicates(*zip(*rows, strict=True))
    moved = near_duplicates(*zip(*(rows[i] for i in order), strict=True))

    assert adjusted_rand_score(found[order], moved) == 1.0
    for row, first in enumerate(moved):
        if form_of(*rows[order[row]]):
            assert rows[order[first]] == rows[found[order[row]]]


# Nothing that people send makes it slow: texts are compared a few times each, where all pairs would take hours

MANY = 10_000
LAMP = "The street lamp number {:05d} in front of our house is broken"


def random_text(chance: random.Random, length: int) -> str:
    return "".join(chance.choices("abcdefghijklmnop ", k=length))


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often two texts were compared, in its only item."""
    count, real = [0], duplicates._are_alike

    def counted(*given: object) -> bool:
        count[0] += 1
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(duplicates, "_are_alike", counted)
    return count


def drifting(chance: random.Random) -> list[str]:
    text, made = list(random_text(chance, 80)), []
    for step in range(MANY):
        text[step % 80] = chance.choice("abcdefghijklmnop")
        made.append("".join(text))
    return made


@pytest.mark.parametrize(
    "make",
    [
        lambda _: [f"Lamp number {i:05d} is broken" for i in range(MANY)],
        lambda _: [LAMP.format(i) for i in range(MANY)],
        lambda chance: [
            f"{'I live at the north gate and I wish that ' * 2}{random_text(chance, 15)}" for _ in range(MANY)
        ],
        lambda chance: [
            f"{'I live at the north gate and I wish that ' * 2}{random_text(chance, 8)}" for _ in range(MANY)
        ],
        lambda chance: [" ".join(chance.choices(["no", "bus", "lamp", "parking"], k=12)) for _ in range(MANY)],
        drifting,
    ],
    ids=["a number", "a number in a long text", "a long beginning", "a longer beginning", "the same words", "a chain"],
)
def test_work_is_linear_in_texts_that_are_almost_alike(
    make: Callable[[random.Random], list[str]], compared: list[int]
) -> None:
    texts = make(random.Random(0))

    found = near_duplicates(texts, ["en"] * len(texts))

    assert found[found].tolist() == found.tolist()
    assert MANY / 2 < compared[0] <= duplicates._TRIES * MANY


def test_equal_texts_are_compared_with_nothing(compared: list[int]) -> None:
    found = near_duplicates([LAMP.format(1), LAMP.format(1).upper()] * MANY, ["en"] * (2 * MANY))

    assert set(found.tolist()) == {1}  # capitals come first
    assert compared == [0]


def test_texts_that_share_nothing_are_not_compared(compared: list[int]) -> None:
    chance = random.Random(0)
    texts = [random_text(chance, 70) for _ in range(MANY)]

    assert firsts_of(texts) == list(range(MANY))
    assert compared[0] < MANY / 100


def test_copies_are_found_among_thousands_that_begin_alike() -> None:
    """A prompt that everybody copied must not hide who sent the same wish twice."""
    chance = random.Random(0)
    wishes = [f"I live at the north gate and I wish that we had {random_text(chance, 40)}" for _ in range(3_000)]

    found = np.array(firsts_of([*wishes, *(f"{wish} ok" for wish in wishes)]))

    assert np.mean(found[:3_000] == found[3_000:]) > 0.99
    assert len(set(found.tolist())) < 3_050


# Beside comparing each text with all others


def slow_groups(texts: list[str], language: str) -> list[str]:
    """Each text, most frequent first, joins the most alike of the firsts before it. Returns the first's form for each text."""
    written: Counter[str] = Counter(form_of(text, language) for text in sorted(texts))
    firsts: dict[str, str] = {}
    for form in sorted(written, key=lambda form: -written[form]):
        alike = [(likeness(form, first, language), first) for first in set(firsts.values()) if len(first) >= SHORT]
        best = max(alike, default=(0.0, "")) if len(form) >= SHORT else (0.0, "")
        firsts[form] = best[1] if best[0] >= ALIKE else form
    return [firsts[form_of(text, language)] for text in texts]


def changed(text: str, chance: random.Random, language: str) -> str:
    """The text with up to three words (or characters, in Chinese) put in, left out, doubled or exchanged."""
    between = " " if language == "en" else ""
    parts = text.split(" ") if between else list(text)
    for _ in range(chance.choice([0, 1, 1, 2, 3])):
        place, kind = chance.randrange(len(parts)), chance.randrange(4)
        if kind == 0 and len(parts) > 3:
            del parts[place]
        elif kind == 1:
            parts.insert(place, "12")
        elif kind == 2:
            parts.insert(place, parts[place])
        else:
            parts[place] = chance.choice(parts)
    return between.join(parts)


def compare_with_slow_groups(bases: list[str], language: str, size: int) -> None:
    chance = random.Random(1)
    texts = [changed(chance.choice(bases), chance, language) for _ in range(size)]

    found, slow = near_duplicates(texts, [language] * size), slow_groups(texts, language)

    names = {name: number for number, name in enumerate(dict.fromkeys(slow))}
    assert len(names) <= len(set(found.tolist())) <= 1.03 * len(names) + 1
    assert adjusted_rand_score([names[name] for name in slow], found) > 0.95
    assert all(
        form_of(text, language) == form_of(texts[first], language) or likeness(text, texts[first], language) >= ALIKE
        for text, first in zip(texts, found.tolist(), strict=True)
    )


@pytest.mark.parametrize(("language", "prefix"), [("en", "en"), ("zh-Hans", "zh")])
def test_groups_are_those_of_comparing_with_all_firsts(language: str, prefix: str) -> None:
    rows = [
        row["text"]
        for row in (*read_rows("short_texts"), *read_rows("blind_needs"))
        if row["language"].startswith(prefix)
    ]
    bases = [f"{one} {other}" for one, other in pairwise(rows)]

    compare_with_slow_groups(bases, language, 200)


@pytest.mark.parametrize(("name", "language"), [("en_city_requests", "en"), ("zh_government_messages", "zh-Hans")])
def test_groups_of_real_texts_are_those_of_comparing_with_all_firsts(name: str, language: str) -> None:
    rows = [row["text"] for row in real_rows(name) if 40 <= len(row["text"]) <= 200]

    compare_with_slow_groups(random.Random(0).sample(rows, 60), language, 200)


# The hashes


@given(st.lists(st.text("ab é停", min_size=1, max_size=30), min_size=1, max_size=6), st.sampled_from([3, 5]))
def test_keys_of_a_form_do_not_depend_on_the_forms_beside_it(forms: list[str], size: int) -> None:
    together = duplicates._keys(forms, size)

    assert together.tolist() == [duplicates._keys([form], size)[0].tolist() for form in forms]


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [LAMP.format(i * i) for i in range(200)]
    before = firsts_of(texts)

    monkeypatch.setattr(duplicates, "_CHUNK", 500)

    assert firsts_of(texts) == before
