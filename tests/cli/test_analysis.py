import re

import pytest

from survey.authoring.queries import find_survey
from survey.insight.service import find_chart
from survey.settings import Settings
from survey.themes.queries import list_themes, newest_run
from tests.cli.conftest import Linsheng, in_database
from tests.conftest import bundled_survey
from tests.voices import DOCTOR, GIBBERISH, Person, record, use_three_needs


@pytest.fixture(autouse=True)
def three_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    use_three_needs(monkeypatch)


async def _write() -> None:
    await record(await bundled_survey(), [*(Person(need=DOCTOR) for _ in range(12)), *(Person(need=GIBBERISH) for _ in range(4))])


async def _seen() -> tuple[list[tuple[str, int]], int, str]:
    survey = await find_survey("community-needs")
    run, chart = await newest_run(survey.id), await find_chart(survey.id, "themes", "en")
    assert run is not None
    return [(theme.key, theme.people) for theme in await list_themes(survey.id)], run.figures["unsorted"], chart.title if chart else ""


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_analyse_makes_statements_themes_and_charts(
    linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, engine: str
) -> None:
    settings: Settings = request.getfixturevalue(f"{engine}_settings")
    monkeypatch.setenv("LINSHENG_DATABASE", settings.database)
    in_database(_write)

    result = linsheng("analyse", "community-needs")

    assert (result.status, result.out, result.err) == (0, "community-needs: 16 answers, 1 themes, 25% of statements unsorted.\n", "")
    # 12 of 16 people, as it may be told outside: 10 of 15.
    assert in_database(_seen) == (
        [("health.doctor_language", 12)],
        4,
        "67% of those who wrote name “Doctors who speak our language”",
    )


def test_analyse_of_a_survey_without_answers_ends_in_a_result(linsheng: Linsheng) -> None:
    in_database(bundled_survey)

    result = linsheng("analyse", "community-needs")

    assert result.out == "community-needs: 0 answers, 0 themes, 0% of statements unsorted.\n"


def test_analyse_of_an_unknown_survey_is_one_line(linsheng: Linsheng) -> None:
    assert linsheng("analyse", "nowhere").problem == "There is no survey named nowhere."


def test_analyse_shows_progress_on_a_terminal(linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes it for a terminal
    in_database(_write)

    result = linsheng("analyse", "community-needs")

    assert re.search(r"(Analysis|Charts).* \d+%", result.err)
    assert result.out == "community-needs: 16 answers, 1 themes, 25% of statements unsorted.\n"
