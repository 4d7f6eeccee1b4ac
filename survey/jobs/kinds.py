"""The names of the kinds of jobs. What each does is told where it is run; survey.cli.job_kinds puts the two together."""

PREPARE_STATEMENTS = "prepare_statements"
ANALYSE = "analyse"
DRAW_CHARTS = "draw_charts"


def about_survey(survey_id: int) -> str:
    """The subject of a job about one survey."""
    return f"survey:{survey_id}"


def survey_of(subject: str) -> int:
    return int(subject.removeprefix("survey:"))
