"""The names of the kinds of jobs. What each does is told where it is run; survey.cli.job_kinds puts the two together."""

PREPARE_STATEMENTS = "prepare_statements"
ANALYSE = "analyse"
RECOUNT_THEMES = "recount_themes"
SETTLE_THEMES = "settle_themes"
DRAW_CHARTS = "draw_charts"
RENDER_STATEMENTS = "render_statements"

SET_OFF_BY_RESIDENTS = frozenset({PREPARE_STATEMENTS, RECOUNT_THEMES, DRAW_CHARTS, RENDER_STATEMENTS})
"""A worker takes these up within a second, so that their times would tell when an answer came or went: their rows show
only the day, and go when they are done.
"""


def about_survey(survey_id: int) -> str:
    """The subject of a job about one survey."""
    return f"survey:{survey_id}"


def survey_of(subject: str) -> int:
    return int(subject.removeprefix("survey:"))
