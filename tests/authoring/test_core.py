"""The core: the same in every survey that has it, told apart from a survey's own questions, and out of reach of the desk."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

import survey
from survey.authoring.rules import core_problems
from survey.authoring.service import FormInvalid, bundled_form, core, core_list, core_parts, parse_form
from survey.questionnaire.form import Form, Question, write_form
from survey.questionnaire.sameness import fingerprint
from tests.authoring.conftest import small_form


def _form(*ids: str, languages: tuple[str, ...] = (), **section: object) -> Form:
    """The bundled form with these of its questions alone, in one section."""
    form = bundled_form()
    questions = [question for question in form.questions() if question.id in ids]
    one = msgspec.structs.replace(form.sections[0], questions=questions, **section)
    return msgspec.structs.replace(form, sections=[one], languages=list(languages or form.languages), source_language="en")


def _changed(form: Form, key: str, **changes: object) -> Form:
    sections = [
        msgspec.structs.replace(s, questions=[msgspec.structs.replace(q, **changes) if q.id == key else q for q in s.questions])
        for s in form.sections
    ]
    return msgspec.structs.replace(form, sections=sections)


def test_core_reads_as_when_its_version_was_made() -> None:
    """Whoever changes a core question of the bundled form makes a new version of the core: answers to the old one are others."""
    assert {key: fingerprint(question) for key, question in core().questions.items()} == core_list().questions
    assert (core().name, core().version, len(core().questions)) == ("community-needs", 1, 38)


def test_bundled_form_is_core_but_for_places_complaints_and_consents() -> None:
    parts = core_parts(bundled_form())

    assert [question.id for question in parts.local] == ["subdistrict", "complaint", "complaint_about", "complaint_words", "may_quote", "may_contact"]
    assert len(parts.core) == 38


def test_core_in_fewer_languages_beside_own_questions_is_taken() -> None:
    own = Question(id="our_square", type="long_text", label={"en": "The square?", "ko": "광장?"}, use="needs")
    form = _form("aware_library", "used_library", "belonging", languages=("en", "ko"))
    form = msgspec.structs.replace(form, sections=[msgspec.structs.replace(form.sections[0], questions=[*form.sections[0].questions, own])])

    parts = core_parts(parse_form(write_form(form)))

    assert ([q.id for q in parts.core], [q.id for q in parts.local]) == (["aware_library", "used_library", "belonging"], ["our_square"])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"maximum": 7}, "maximum"),
        ({"low_label": {"en": "no", "ko": "아니요"}}, "low_label (en), low_label (ko)"),
        ({"type": "rating"}, "type"),
        ({"required": True}, "required"),
    ],
)
def test_altered_core_question_is_refused_with_its_place_and_what_to_do(changes: dict[str, object], told: str) -> None:
    form = _changed(_form("belonging", languages=("en", "ko")), "belonging", **changes)

    with pytest.raises(FormInvalid) as refused:
        parse_form(write_form(form))

    assert str(refused.value) == (
        "The form has problems:\n  sections.about_you.belonging: This is a core question (community-needs, core 1), which reads the same in every "
        f"survey; here it differs: {told}. Leave it as the core has it, or give it another id."
    )
    assert parse_form(write_form(_changed(form, "belonging", id="our_belonging"))).sections[0].questions[0].id == "our_belonging"


def test_core_question_in_a_section_that_not_everybody_meets_is_another_question() -> None:
    form = _form("origin", "belonging")
    second = msgspec.structs.replace(form.sections[0], id="second", questions=form.sections[0].questions[1:], relevant="${origin} = 'mainland'")
    form = msgspec.structs.replace(form, sections=[msgspec.structs.replace(form.sections[0], questions=form.sections[0].questions[:1]), second])

    [problem] = core_problems(form, core())

    assert problem.where == "sections.second.belonging"
    assert "asked only under the condition of its section (second)" in problem.message
    assert [question.id for question in core_parts(form).core] == ["origin"]


def test_survey_without_core_questions_is_its_own_alone() -> None:
    parts = core_parts(parse_form(write_form(small_form())))

    assert (parts.core, [question.id for question in parts.local]) == ([], ["likes", "need"])


def test_no_page_changes_a_form() -> None:
    """Forms come in by the command alone, so that no role at the desk can alter the core: there is no such route."""
    callers = {
        path.relative_to(Path(survey.__file__).parent).as_posix()
        for path in Path(survey.__file__).parent.rglob("*.py")
        if "replace_form(" in (text := path.read_text(encoding="utf-8")) or "parse_form(" in text or "create_survey(" in text
    }

    assert callers == {"authoring/service.py", "cli/surveys.py", "cli/responses.py", "cli/demo.py"}
