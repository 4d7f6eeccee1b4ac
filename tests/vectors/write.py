"""Write into the vectors what the phone gets ready made, one vector a line: `python -m tests.vectors.write`.

Expressions, questions, answers and values are written by hand; the tree of each expression and the item of each question follow
from them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from survey.questionnaire.expressions import parse
from survey.questionnaire.form import Question
from tests.questionnaire.page_items import page_item

FOLDER = Path(__file__).parent


def read(name: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return found


def write(name: str, lists: dict[str, list[dict[str, Any]]]) -> None:
    parts = [
        f'"{key}": [\n' + ",\n".join(json.dumps(item, ensure_ascii=False) for item in items) + "\n]"
        for key, items in lists.items()
    ]
    (FOLDER / name).write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def question_of(vector: dict[str, Any]) -> Question:
    return msgspec.convert({"id": "q", "label": {"en": "q"}} | vector["question"], Question)


def main() -> None:
    found = read("logic.json")
    for vector in found["vectors"]:
        vector["tree"] = parse(vector["expression"])
    write("logic.json", found)
    found = read("answers.json")
    for vector in found["vectors"]:
        question = question_of(vector)
        vector["item"] = page_item(question, [question.relevant])
    write("answers.json", found)


if __name__ == "__main__":
    main()
