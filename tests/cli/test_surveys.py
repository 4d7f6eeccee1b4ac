import json
from pathlib import Path

import jsonschema
import pytest
from msgspec.structs import replace

from survey.authoring.queries import find_survey
from survey.authoring.service import bundled_form
from survey.questionnaire.form import write_form
from tests.authoring.conftest import small_form
from tests.cli.conftest import Linsheng, in_database


@pytest.fixture
def form_file(tmp_path: Path) -> Path:
    path = tmp_path / "Community_Needs.json"
    path.write_bytes(write_form(bundled_form()))
    return path


@pytest.fixture
def form_with_gaps(tmp_path: Path) -> Path:
    form = bundled_form()
    path = tmp_path / "gaps.json"
    path.write_bytes(write_form(replace(form, title={tag: text for tag, text in form.title.items() if tag != "ko"})))
    return path


def test_check_of_a_complete_form(linsheng: Linsheng, form_file: Path) -> None:
    result = linsheng("survey", "check", form_file)

    questions = len(list(bundled_form().questions()))
    assert result.status == 0
    assert result.out.splitlines() == [
        f"{form_file}: {questions} questions in 10 languages, complete.",
        f"38 of them are core questions (core 1) and can be compared with other surveys; {questions - 38} are its own.",
    ]


@pytest.mark.parametrize("command", ["check", "import"])
def test_altered_core_question_is_named_and_nothing_is_stored(linsheng: Linsheng, form_file: Path, command: str) -> None:
    document = json.loads(form_file.read_bytes())
    library = next(q for s in document["sections"] for q in s["questions"] if q["id"] == "aware_library")
    library["label"]["ko"] = "다른 질문"
    form_file.write_text(json.dumps(document))

    result = linsheng("survey", command, form_file)

    told = "This is a core question (community-needs, core 1), which reads the same in every survey; here it differs: label (ko)."
    assert result.status == 2
    assert result.err.splitlines()[1] == f"  sections.services_one.aware_library: {told} Leave it as the core has it, or give it another id."
    assert linsheng("survey", "list").out == "No surveys yet. Import one with: linsheng survey import FILE\n"


def test_form_without_core_questions_is_taken_with_a_note(linsheng: Linsheng, tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    path.write_bytes(write_form(small_form()))
    note = "None of them is a core question: what they come to cannot be compared with other surveys.\n"

    assert linsheng("survey", "check", path).out == f"{path}: 2 questions in 2 languages, complete.\n{note}"
    assert linsheng("survey", "import", path).out == f"own: version 1, draft. Open it with: linsheng survey open own\n{note}"


def test_check_lists_what_is_missing_in_which_language(linsheng: Linsheng, form_with_gaps: Path) -> None:
    result = linsheng("survey", "check", form_with_gaps)

    assert result.out == "ko: title\n"
    assert result.problem == "1 strings are missing; the survey could not open."


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "This is not a form: Input data was truncated."),
        (b"\xff\xfe\x00", "This is not a form: "),
        (b"[]", "This is not a form: Expected `object`, got `array`."),
        (b'{"title": {}}', "This is not a form: Object missing required field `"),
    ],
)
def test_check_of_something_else_is_one_line(linsheng: Linsheng, tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "form.json").write_bytes(content)

    assert linsheng("survey", "check", tmp_path / "form.json").problem.startswith(problem)


@pytest.mark.parametrize("command", ["check", "import"])
def test_missing_form_file_is_one_line(linsheng: Linsheng, tmp_path: Path, command: str) -> None:
    assert linsheng("survey", command, tmp_path / "none.json").problem == f"{tmp_path / 'none.json'} cannot be read: No such file or directory."


def test_import_makes_a_draft_named_after_the_file_and_then_versions(linsheng: Linsheng, form_file: Path) -> None:
    first, second = linsheng("survey", "import", form_file), linsheng("survey", "import", form_file, "--slug", "community-needs")

    listed = linsheng("survey", "list")
    assert first.out == "community-needs: version 1, draft. Open it with: linsheng survey open community-needs\n"
    assert second.out.startswith("community-needs: version 2, draft.")
    assert listed.out == "community-needs\tdraft\tversion 2\n"


@pytest.mark.parametrize("slug", ["UPPER", "a b", "-a", "a" * 81, "../x", "望京"])
def test_import_under_a_name_that_no_address_takes_is_one_line(linsheng: Linsheng, form_file: Path, slug: str) -> None:
    problem = linsheng("survey", "import", form_file, f"--slug={slug}").problem

    assert problem == f"{slug!r} cannot be used in an address: use small letters, digits and hyphens."
    assert linsheng("survey", "list").out == "No surveys yet. Import one with: linsheng survey import FILE\n"


def test_import_into_an_open_survey_is_refused(linsheng: Linsheng, form_file: Path) -> None:
    linsheng("survey", "import", form_file)
    linsheng("survey", "open", "community-needs")

    problem = linsheng("survey", "import", form_file).problem

    assert problem == "community-needs has been opened; its form cannot change any more. Import it under another name."
    assert linsheng("survey", "list").out == "community-needs\topen\tversion 1\n"


def test_export_writes_the_form_that_was_imported(linsheng: Linsheng, form_file: Path) -> None:
    linsheng("survey", "import", form_file)

    result = linsheng("survey", "export", "community-needs")

    assert result.out.encode() == write_form(bundled_form()) + b"\n"


def test_export_of_the_schema_describes_the_bundled_form(linsheng: Linsheng) -> None:
    schema = json.loads(linsheng("survey", "export", "any", "--format", "schema").out)

    jsonschema.validate(json.loads(write_form(bundled_form())), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"title": "x"}, schema)


def test_open_and_close(linsheng: Linsheng, form_file: Path) -> None:
    linsheng("survey", "import", form_file)

    opened, closed, again = (linsheng("survey", change, "community-needs") for change in ("open", "close", "close"))

    assert (opened.out, closed.out) == ("community-needs is open.\n", "community-needs is closed.\n")
    assert again.problem == "community-needs is closed and cannot become closed."
    assert linsheng("survey", "list").out == "community-needs\tclosed\tversion 1\n"


def test_open_with_missing_strings_is_refused_and_lists_them(linsheng: Linsheng, form_with_gaps: Path) -> None:
    linsheng("survey", "import", form_with_gaps)

    result = linsheng("survey", "open", "gaps")

    assert result.status == 2
    assert result.err.splitlines() == [
        "linsheng: The survey cannot open: strings are missing. Translate them, or take the language out of the form.",
        "  ko: title",
    ]
    assert linsheng("survey", "list").out == "gaps\tdraft\tversion 1\n"


@pytest.mark.parametrize("command", ["open", "close", "export"])
def test_unknown_survey_is_one_line(linsheng: Linsheng, command: str) -> None:
    assert linsheng("survey", command, "nowhere").problem == "There is no survey named nowhere."


@pytest.mark.parametrize(("options", "access"), [([], "open"), (["--access", "invitation"], "invitation"), (["--access", "open"], "open")])
def test_import_says_who_can_answer(linsheng: Linsheng, form_file: Path, options: list[str], access: str) -> None:
    assert linsheng("survey", "import", form_file, "--slug", "house", *options).status == 0

    assert in_database(lambda: find_survey("house")).access == access


def test_import_again_changes_who_can_answer_only_where_it_is_said(linsheng: Linsheng, form_file: Path) -> None:
    found = []
    for options in (["--access", "invitation"], [], ["--access", "open"]):
        assert linsheng("survey", "import", form_file, "--slug", "house", *options).status == 0
        found.append(str(in_database(lambda: find_survey("house")).access))

    assert found == ["invitation", "invitation", "open"]


def test_import_with_an_access_that_does_not_exist_is_refused(linsheng: Linsheng, form_file: Path) -> None:
    assert linsheng("survey", "import", form_file, "--access", "friends").problem.startswith("Invalid value for '--access'")
