"""A small form in two languages, complete unless a test takes something out."""

from __future__ import annotations

from survey.questionnaire.form import Choice, Form, Notice, Question, Section


def both(en: str) -> dict[str, str]:
    return {"en": en, "ko": f"({en})"}


def small_form(title: str = "Small") -> Form:
    return Form(
        title=both(title),
        intro=both("Intro"),
        minutes=2,
        languages=["en", "ko"],
        source_language="en",
        notice=Notice(
            who=both("who"), why=both("why"), kept=both("kept"), until=both("until"), rights=both("rights"),
            contact=both("contact"),
        ),
        sections=[
            Section(
                id="only",
                title=both("Only"),
                questions=[
                    Question(
                        id="likes", type="select_one", label=both("Likes?"),
                        choices=[Choice(value="yes", label=both("Yes")), Choice(value="no", label=both("No"))],
                    ),
                    Question(id="need", type="long_text", label=both("Need?"), use="needs"),
                ],
            )
        ],
        closing=both("Thank you"),
    )  # fmt: skip
