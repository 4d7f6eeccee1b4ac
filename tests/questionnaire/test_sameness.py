"""Which questions are the same, and in what two of them differ."""

from __future__ import annotations

import msgspec
import pytest

from survey.questionnaire.form import Choice, MatrixColumn, Question
from survey.questionnaire.sameness import differences, fingerprint


def _both(text: str, ko: str = "") -> dict[str, str]:
    return {"en": text, "ko": ko or f"({text})"}


def _asked(**changes: object) -> Question:
    question = Question(
        id="likes", type="select_one", label=_both("Likes?"), hint=_both("One"),
        choices=[Choice(value="yes", label=_both("Yes")), Choice(value="no", label=_both("No"))],
    )  # fmt: skip
    return msgspec.structs.replace(question, **changes)


YES, NO = _asked().choices
MATRIX = Question(
    id="services", type="matrix", label=_both("Services"), rows=[Choice(value="library", label=_both("Library"))],
    columns=[MatrixColumn(id="importance", label=_both("Importance"), minimum=1, maximum=5, low_label=_both("low"), high_label=_both("high"))],
)  # fmt: skip


def test_fingerprint_changes_with_any_word_in_any_language_unless_others_are_asked_for() -> None:
    other = _asked(label=_both("Likes?", "좋아해요?"))

    assert fingerprint(_asked()) == fingerprint(_asked())
    assert fingerprint(_asked()) != fingerprint(other)
    assert fingerprint(_asked(), ["en"]) == fingerprint(other, ["en"])
    assert fingerprint(_asked(), ["en", "ko"]) != fingerprint(other, ["en", "ko"])
    assert fingerprint(_asked(), ["en"]) != fingerprint(_asked(choices=[NO, YES]), ["en"])


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"label": {"en": "Likes?"}}, []),
        ({"label": {"en": "Likes?", "ko": " "}}, []),
        ({"label": _both("Likes?") | {"fr": "Aime ?"}}, []),
        ({"label": _both("Likes it?")}, ["label (en)", "label (ko)"]),
        ({"hint": None}, ["hint"]),
        ({"type": "select_many"}, ["type"]),
        ({"required": True}, ["required"]),
        ({"relevant": "${x} = 'yes'"}, ["relevant"]),
        ({"use": "needs"}, ["use"]),
        ({"choices": [NO, YES]}, ["choices"]),
        ({"choices": [YES]}, ["choices"]),
        ({"choices": [YES, NO, Choice(value="other", label=_both("Other"))]}, ["choices"]),
        ({"choices": [YES, Choice(value="no", label=_both("No", "아니요"))]}, ["choices.no.label (ko)"]),
        ({"choices": [YES, Choice(value="no", label=_both("No"), is_exclusive=True)]}, ["choices.no.is_exclusive"]),
    ],
)
def test_differences_name_what_is_another(changes: dict[str, object], found: list[str]) -> None:
    assert differences(_asked(), _asked(**changes), ["en", "ko"]) == found


def test_differences_look_into_a_matrix() -> None:
    wider = msgspec.structs.replace(MATRIX.columns[0], maximum=7)

    assert differences(MATRIX, msgspec.structs.replace(MATRIX, columns=[wider]), ["en"]) == ["columns.importance.maximum"]


def test_differences_in_a_language_that_the_form_does_not_have_count_for_nothing() -> None:
    assert differences(_asked(), _asked(label=_both("Likes?", "좋아해요?")), ["en"]) == []
