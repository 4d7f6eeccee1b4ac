"""How long one look over a whole form takes, here and in the modules of the page: python -m bench.logic

300 questions of the types with conditions, each shown under a condition on earlier ones, with filters, constraints and required
expressions, all answered. The page does this at every tap; the server at every submission. Times are the processor's, so that
what else the machine does is left out.
"""

from __future__ import annotations

import random
import statistics
import sys
import time

from survey.questionnaire.answers import FormChecker
from survey.questionnaire.form import Choice, Form, Notice, Question, Section
from tests.modules.node import NODE, Phone
from tests.questionnaire.page_items import page_items

QUESTIONS = 300
TIMES = 300
LIMIT_MS = 5.0
TODAY = "2026-11-26"

_CONDITIONS = [
    "${%s} != 'no' and not(${%s} = 'perhaps')",
    "${%s} = 'yes' or selected(${%s}, 'b') or true()",
    "string-length(${%s}) + count-selected(${%s}) >= 1",
    "if(${%s} = '', ${%s} = '', true()) and today() > '2020-01-01'",
    "coalesce(${%s}, ${%s}) != 'nothing' and round(7 div 2) = 4",
]


def large_form() -> Form:
    """Conditions that hold, so that nothing is left out."""
    dice = random.Random(1)
    told = {"en": "x"}
    questions: list[Question] = []
    for number in range(QUESTIONS):
        kind = ["select_one", "select_many", "integer", "short_text", "scale"][number % 5]
        earlier = [question.id for question in questions[-40:]] or None
        more: dict[str, object] = {}
        if earlier:
            condition = _CONDITIONS[number % len(_CONDITIONS)]
            more["relevant"] = condition % (dice.choice(earlier), dice.choice(earlier))
        if kind in {"select_one", "select_many"}:
            more["choices"] = [Choice(value=value, label=told, attributes={"kind": value}) for value in ("yes", "a", "b", "no")]
            more["choice_filter"] = "kind != 'no' or 1 = 1"
        if kind in {"integer", "scale"}:
            more |= {"minimum": 0, "maximum": 9, "constraint": ". mod 2 = 1", "constraint_message": told}
        if kind == "short_text":
            more["required"] = "3 > 2"
        questions.append(Question(id=f"q{number}", type=kind, label=told, **more))  # type: ignore[arg-type]  # a dict of mixed types
    notice = Notice(who=told, why=told, kept=told, until=told, rights=told, contact=told)
    return Form(
        title=told, intro=told, minutes=60, languages=["en"], source_language="en", notice=notice, closing=told,
        sections=[Section(id=f"s{at}", title=told, questions=questions[at : at + 10]) for at in range(0, QUESTIONS, 10)],
    )  # fmt: skip


def large_answers(form: Form) -> dict[str, list[str]]:
    given = {"select_one": ["yes"], "select_many": ["yes", "b"], "integer": ["٣"], "scale": ["5"], "short_text": ["我需要医生"]}
    return {question.id: given[question.type] for question in form.questions()}


def python_times(form: Form, raw: dict[str, list[str]]) -> list[float]:
    checker = FormChecker(form)
    found = []
    for _ in range(TIMES):
        start = time.thread_time()
        checked = checker.check(raw, TODAY)
        found.append((time.thread_time() - start) * 1000)
    if checked.problems or len(checked.answers) != QUESTIONS:
        raise RuntimeError(f"the benchmark's answers do not fit: {checked.problems[:3]}")
    return found


def main() -> int:
    form = large_form()
    raw = large_answers(form)
    measured = {"Python": python_times(form, raw)}
    if NODE is None:
        print("node is not installed: only Python is measured")
    else:
        with Phone() as phone:
            reply = phone.ask("check", items=page_items(form), raw=raw, today=TODAY)
            if reply["problems"] or len(reply["answers"]) != QUESTIONS:
                raise RuntimeError(f"the modules judge otherwise: {reply['problems'][:3]}")
            measured["node"] = phone.ask("time", items=page_items(form), raw=raw, today=TODAY, times=TIMES)
    conditions = sum(1 for question in form.questions() if question.relevant) + 1
    print(f"One whole evaluation, {QUESTIONS} questions, {conditions} conditions and {QUESTIONS} more in filters and constraints")
    print(f"{'':10}{'p50 ms':>10}{'p99 ms':>10}{'max ms':>10}{'limit ms':>10}")
    for name, times in measured.items():
        p99 = statistics.quantiles(times, n=100)[98]
        print(f"{name:10}{statistics.median(times):>10.2f}{p99:>10.2f}{max(times):>10.2f}{LIMIT_MS:>10.2f}")
    return int(any(statistics.median(times) > LIMIT_MS for times in measured.values()))


if __name__ == "__main__":
    sys.exit(main())
