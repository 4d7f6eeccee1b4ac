"""The form of a survey whose answers were brought as a table of texts: one open question, in the desk's languages."""

from __future__ import annotations

from survey.questionnaire.form import Form, Notice, Question, Section

LONGEST = 100_000


def text_form(name: str) -> Form:
    def said(zh: str, en: str) -> dict[str, str]:
        return {"zh-Hans": zh, "en": en}

    imported = said("导入的文本，不在此收集。", "Imported texts; nothing is collected here.")
    return Form(
        title=said(name, name),
        intro=imported,
        minutes=1,
        languages=["zh-Hans", "en"],
        source_language="en",
        notice=Notice(who=imported, why=imported, kept=imported, until=imported, rights=imported, contact=imported),
        sections=[
            Section(
                id="texts",
                title=said("文本", "Texts"),
                questions=[
                    Question(
                        id="text", type="long_text", label=said("您需要什么？", "What do you need?"), max_length=LONGEST, use="needs"
                    )
                ],
            )
        ],
        closing=said("谢谢。", "Thank you."),
    )
