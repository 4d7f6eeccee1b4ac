"""Who was shown what and left it empty: worked by hand on a form with every type of question, and against the form's own checks."""

from __future__ import annotations

from typing import Any

import pytest

from survey.insight import left_out
from survey.insight.findings import Part
from survey.insight.left_out import LeftOutCount, Why, assessed, left_out_most, rate_of, without_unassessed
from survey.insight.schemas import Asked, LeftOut
from survey.questionnaire.answers import FormChecker
from survey.questionnaire.form import Choice, Form, Question
from survey.responses.rules import document_of
from tests.every_type import every_type
from tests.insight.test_rules import _with

FORM = every_type()
TODAY = "2026-11-26"
CELLS = {f"services.{row}.{column}" for row in ("library", "sports_hall", "swimming_pool") for column in ("importance", "satisfaction")}


def counted(form: Form, *people: tuple[str, dict[str, Any]], refused: dict[str, dict[str, int]] | None = None) -> LeftOut:
    """What comes of these people's clean answers, by the language of each."""
    count, sums = LeftOutCount(form), LeftOut()
    for language, raw in people:
        found = FormChecker(form).check(raw, TODAY)
        assert found.problems == []
        count.add(language, document_of(found.answers))
    count.add_to(sums, refused or {})
    return without_unassessed(sums)


def _choices(*values: str, exclusive: str = "") -> list[Choice]:
    return [Choice(value=value, label={"en": value}, is_exclusive=value == exclusive) for value in values]


def _question(key: str, kind: str, **more: Any) -> Question:
    return Question(id=key, type=kind, label={"en": key}, **more)  # type: ignore[arg-type]  # a kind by its name


def test_every_kind_of_question_is_assessed_but_ticks() -> None:
    shown, unknown = assessed(FORM)

    assert {one.item.id for one in shown} == {
        "kind", "place", "place_other", "visits", "why_often", "reasons", "reasons_other", *CELLS, "order", "staff", "at_home",
        "walk", "since", "need", "health",
    }  # fmt: skip
    assert unknown == {}


FULL = {
    "kind": "sport", "place": "other", "place_other": "The park", "visits": "21", "why_often": "It is near", "reasons": ["price", "other"],
    "reasons_other": "Crowds", **dict.fromkeys(CELLS, "3"), "order": ["library", "theatre"], "staff": "4", "at_home": "5", "walk": "1.5",
    "since": "2020-01-01", "need": "A pool", "may_use_health": "yes", "health": "no",
}  # fmt: skip


def test_left_out_is_counted_of_those_who_were_shown_a_question() -> None:
    """Five people: all answered; nothing but what is required; neither place, so that half of the form is hidden; two in between."""
    found = counted(
        FORM,
        ("ko", FULL), ("ko", {"kind": "culture"}), ("ko", {"kind": "neither", "reasons": ["nothing"], "need": "Rest"}),
        ("ko", {"kind": "sport", "place": "sports_hall", "visits": "9", "services.library.importance": "2", "order": "prefer_not_to_say"}),
        ("en", {"kind": "prefer_not_to_say", "visits": "3"}),
        refused={"ko": {"order": 1}, "en": {"kind": 1}},
    )  # fmt: skip

    ko, en = found.by_language["ko"], found.by_language["en"]
    assert ko["kind"] == Asked(0, 0, 4, 0)  # required
    assert en["kind"] == Asked(0, 0, 1, 1)
    assert ko["place"] == Asked(3, 1, 3, 0)  # not the third
    assert ko["place_other"] == Asked(1, 0, 0, 0)  # the first alone named another; its words cannot be refused
    assert ko["visits"] == Asked(2, 0, 2, 0)
    assert ko["why_often"] == Asked(2, 1, 2, 0)  # more than eight visits: the first and the fourth
    assert ko["reasons"] == Asked(4, 2, 4, 0)
    assert ko["reasons_other"] == Asked(1, 0, 0, 0)
    assert ko["services.library.importance"] == Asked(3, 1, 0, 0)
    assert ko["services.library.satisfaction"] == Asked(3, 2, 0, 0)
    assert ko["order"] == Asked(3, 1, 3, 1)
    assert (ko["staff"], ko["at_home"]) == (Asked(3, 2, 3, 0), Asked(3, 2, 3, 0))
    assert (ko["walk"], ko["since"], ko["need"]) == (Asked(4, 3, 4, 0), Asked(4, 3, 4, 0), Asked(4, 2, 4, 0))
    assert ko["health"] == Asked(1, 0, 1, 0)  # after the consent
    # who refused the kind is no "neither", and left the place out: nothing was asked of how often
    assert en["place"] == Asked(1, 1, 1, 0)
    assert "visits" not in en
    assert "health" not in en


def test_who_answers_all_that_is_shown_leaves_nothing_out() -> None:
    """The form's own checks drop what was not shown: what is stored of a full answer is what was asked."""
    kinds = [FULL, {**FULL, "kind": "neither"}, {**FULL, "place": "sports_hall"}, {**FULL, "visits": "2"}, {**FULL, "may_use_health": ""}]
    for raw in kinds:
        stored = set(FormChecker(FORM).check(raw, TODAY).answers)
        found = counted(FORM, ("en", raw)).by_language["en"]

        assert set(found) == stored - {"may_use_health", "may_quote"}
        assert all(one.left_out == 0 for one in found.values())


def test_what_is_remembered_of_patterns_does_not_change_the_count(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [("en", {**FULL, "visits": str(n)}) for n in range(30)] + [("ko", {"kind": "culture"})] * 3
    whole = counted(FORM, *people)
    monkeypatch.setattr(left_out, "MOST_PATTERNS", 4)

    assert counted(FORM, *people) == whole
    assert whole.by_language["en"]["why_often"] == Asked(21, 0, 21, 0)


def test_questions_that_nobody_can_tell_of_say_why() -> None:
    form = _with(
        _question("offers", "select_many", choices=_choices("a", "b")),
        _question("must", "select_many", choices=_choices("a", "b"), required=True),
        _question("none", "select_many", choices=_choices("a", "b", "none", exclusive="none")),
        _question("tick", "select_many", choices=_choices("yes")),
        _question("words", "short_text"),
        _question("after_words", "integer", relevant="${words} != ''"),
        _question("this_year", "integer", relevant="today() >= '2026-01-01'"),
        _question("complaint", "long_text", use="conduct"),
    )  # fmt: skip

    found = counted(form, ("en", {"must": ["a"]}))

    assert found.not_assessed == {"offers": Why.NOTHING_FITS, "after_words": Why.WORDS, "this_year": Why.DAY}
    assert found.by_language["en"] == {"must": Asked(0, 0, 1, 0), "none": Asked(1, 1, 1, 0), "words": Asked(1, 1, 1, 0)}


def test_what_one_version_cannot_tell_is_told_of_none_and_unanswered_versions_do_not_matter() -> None:
    plain, dated = _with(_question("age", "integer")), _with(_question("age", "integer", relevant="today() != ''"))
    first, second = LeftOutCount(plain), LeftOutCount(dated)
    first.add("en", "{}")
    sums = LeftOut()
    first.add_to(sums, {})
    second.add_to(sums, {})
    alone = without_unassessed(sums).by_language["en"].copy()
    second.add("en", "{}")
    second.add_to(sums, {})

    assert alone == {"age": Asked(1, 1, 1, 0)}
    assert without_unassessed(sums) == LeftOut(by_language={"en": {}}, not_assessed={"age": Why.DAY})


@pytest.mark.parametrize(("pairs", "expected"), [
    ([], None), ([(0, 0)], None),
    ([(30, 100)], 0.3), ([(0, 100)], 0.0), ([(100, 100)], 1.0),
    ([(9, 100)], "hidden"), ([(91, 100)], "hidden"),
    ([(9, 100), (0, 0)], "hidden"),
    ([(9, 100), (0, 100)], 0.045),
])  # fmt: skip
def test_rate_of_one_question_tells_of_no_few_people(pairs: list[tuple[int, int]], expected: float | str | None) -> None:
    found = rate_of(pairs)

    assert (found and ("hidden" if found.share is None else found.share)) == (found and expected)
    assert (found is None) == (expected is None)


def test_question_left_out_most_needs_thirty_asked_and_ten_on_each_side() -> None:
    counts = {
        "few": Asked(29, 20, 0, 0), "all": Asked(100, 95, 0, 0), "some": Asked(200, 42, 0, 0), "most": Asked(60, 30, 0, 0),
        "gone": Asked(60, 50, 0, 0), "rare": Asked(100, 9, 0, 0),
    }  # fmt: skip

    assert left_out_most(counts, ["few", "all", "some", "most", "rare", "unknown"]) == ("most", Part(30, 60))
    assert left_out_most(counts, ["few", "all", "rare"]) is None
    assert left_out_most({"nobody": Asked(52, 52, 0, 0), **counts}, ["most", "nobody"]) == ("nobody", Part(50, 50))
