"""The bridge to the analysis, and people's decisions. The model proposes; what a person decided stays decided."""

from __future__ import annotations

import asyncio
import importlib.metadata
from collections.abc import Callable, Coroutine
from typing import Any

from analysis.lexicon.load import load_lexicon
from analysis.themes.model import FoundTheme, Statement, ThemeModel
from survey import clock
from survey.accounts.rules import Actor, can_review
from survey.audit.service import record_act
from survey.db.bulk import insert_rows
from survey.db.columns import to_json
from survey.db.ids import new_public_id
from survey.db.transaction import write_transaction
from survey.errors import InputInvalid, NotAllowed
from survey.i18n.speech import speech
from survey.jobs.kinds import ANALYSE, DRAW_CHARTS, about_survey
from survey.jobs.service import enqueue
from survey.statements.queries import StatementView, list_statements
from survey.statements.service import bundled_matcher, prepare_statements
from survey.themes.queries import ThemeView, list_events, list_themes
from survey.themes.states import Decided, EventKind, ThemeState, replay
from survey.themes.tables import AnalysisRun, Assignment, ReviewEvent, Theme

STEPS = 100
UNSORTED_SAMPLE = 200
MAX_NAME = 80

AsyncReport = Callable[[int, int, str], Coroutine[Any, Any, None]]
"""Called with steps done, steps in all and the step's name; may raise to cancel."""


async def ask_for_analysis(survey_id: int) -> None:
    """Queue the analysis for the worker."""
    async with write_transaction(Theme):
        await enqueue(kind=ANALYSE, subject=about_survey(survey_id))


async def analyse_survey(survey_id: int, report: AsyncReport) -> ThemeModel:
    """Analyse all statements of a survey and store themes and assignments in one transaction, obeying every event."""
    await report(1, STEPS, "statements")
    await prepare_statements(survey_id)
    views = await list_statements(survey_id)
    await report(10, STEPS, "themes")
    decided = replay(await list_events(survey_id))
    pinned = sorted(key for key, theme in decided.items() if theme.state == ThemeState.ACCEPTED)
    model = await _fit_in_thread(views, pinned, report)
    await report(95, STEPS, "store")
    async with write_transaction(Theme):
        run_id = await _store_run(survey_id, model, views)
        await Assignment.delete().where(Assignment.theme.is_in([theme.id for theme in await list_themes(survey_id)] or [0]))
        theme_ids = await _store_themes(survey_id, run_id, model, views, replay(await list_events(survey_id)))
        await _store_assignments(model, views, theme_ids)
        await enqueue(kind=DRAW_CHARTS, subject=about_survey(survey_id))
    await report(STEPS, STEPS, "done")
    return model


async def _fit_in_thread(views: list[StatementView], pinned: list[str], report: AsyncReport) -> ThemeModel:
    """Fit beside the event loop; progress and cancellation cross over at each of the model's reports."""
    loop = asyncio.get_running_loop()

    def tell(share: float, step: str) -> None:
        asyncio.run_coroutine_threadsafe(report(10 + int(85 * share), STEPS, step), loop).result()

    statements = [Statement(view.text, view.language, view.response) for view in views]
    return await asyncio.to_thread(lambda: ThemeModel(pinned=pinned).fit(statements, report=tell))


async def _store_run(survey_id: int, model: ThemeModel, views: list[StatementView]) -> int:
    by_language: dict[str, list[int]] = {}
    for view, memberships in zip(views, model.memberships_, strict=True):
        counts = by_language.setdefault(view.language, [0, 0])
        counts[0] += 1
        counts[1] += not memberships
    figures = {
        "people": len({view.response for view in views}),
        "statements": len(views),
        "unsorted": sum(not memberships for memberships in model.memberships_),
        "unsorted_sample": [view.id for view, found in zip(views, model.memberships_, strict=True) if not found][:UNSORTED_SAMPLE],
        "languages": {tag: {"statements": n, "unsorted": left} for tag, (n, left) in sorted(by_language.items())},
    }
    settings = {
        "lexicon": load_lexicon().version,
        "random_state": model.random_state,
        "pinned": list(model.pinned),
        "versions": {name: importlib.metadata.version(name) for name in ("scikit-learn", "scipy", "numpy", "jieba")},
    }
    rows = await AnalysisRun.insert(
        AnalysisRun(survey=survey_id, settings=to_json(settings), figures=to_json(figures), finished_at=clock.now())
    ).returning(AnalysisRun.id)
    return int(rows[0]["id"])


async def _store_themes(
    survey_id: int, run_id: int, model: ThemeModel, views: list[StatementView], decided: dict[str, Decided]
) -> dict[str, int]:
    """Update themes by key, add new ones, and drop proposals that the model no longer makes and nobody decided about."""
    known = {theme.key: theme for theme in await list_themes(survey_id)}
    ids: dict[str, int] = {}
    for found in model.themes_:
        figures = _figures(found, views, run_id)
        theme = known.get(found.key)
        verdict = decided.get(found.key, Decided(names={}))
        names = to_json({**_shown_names(found), **verdict.names})
        if theme is None:
            rows = await Theme.insert(
                Theme(
                    public_id=new_public_id(), survey=survey_id, key=found.key, category=found.category,
                    state=verdict.state, names=names, **figures,
                )
            ).returning(Theme.id)  # fmt: skip
            ids[found.key] = rows[0]["id"]
        else:
            ids[found.key] = theme.id
            await Theme.update({"names": names, "state": verdict.state, **figures}).where(Theme.id == theme.id)
    for key, theme in known.items():
        if key in ids:
            continue
        if key in decided:
            await Theme.update({"people": 0, "statements": 0, "languages": "{}", "quotes": "[]", "run": run_id}).where(
                Theme.id == theme.id
            )
        else:
            await Theme.delete().where(Theme.id == theme.id)
    return ids


def _shown_names(found: FoundTheme) -> dict[str, str]:
    """A category's own theme holds what no theme of its own has enough people for; its name says so."""
    if found.key != found.category:
        return found.names
    return {tag: speech("desk", tag).gettext("%(category)s: other needs", category=name) for tag, name in found.names.items()}


def _figures(found: FoundTheme, views: list[StatementView], run_id: int) -> dict[str, Any]:
    return {
        "people": found.people,
        "statements": found.statements,
        "languages": to_json(found.languages),
        "keywords": to_json(found.keywords),
        "quotes": to_json([views[i].id for i in found.quotes]),
        "stability": found.stability,
        "run": run_id,
    }


async def _store_assignments(model: ThemeModel, views: list[StatementView], theme_ids: dict[str, int]) -> None:
    await insert_rows(
        Assignment,
        ("statement", "theme", "score", "author"),
        [
            (view.id, theme_ids[membership.theme], membership.score, "model")
            for view, memberships in zip(views, model.memberships_, strict=True)
            for membership in memberships
        ],
    )


async def decide(theme: ThemeView, kind: EventKind, *, actor: Actor, names: dict[str, str] | None = None) -> None:
    """Record a person's decision and show it at once. Raises InputInvalid for an unusable name."""
    if not can_review(actor):
        raise NotAllowed("Your role cannot decide on themes.")
    data: dict[str, Any] = {}
    if kind == EventKind.RENAME:
        cleaned = {language: " ".join(name.split()) for language, name in (names or {}).items() if name.strip()}
        if not cleaned or any(len(name) > MAX_NAME for name in cleaned.values()):
            raise InputInvalid("A name takes 1 to 80 characters.")
        data = {"names": cleaned, "before": {language: theme.names.get(language, "") for language in cleaned}}
    async with write_transaction(Theme):
        await ReviewEvent.insert(
            ReviewEvent(
                survey=theme.survey_id, theme_key=theme.key, kind=kind, data=to_json(data), account=actor.account_id,
                role=actor.role, at=clock.now(),
            )
        )  # fmt: skip
        verdict = replay(await list_events(theme.survey_id))[theme.key]
        await Theme.update({"state": verdict.state, "names": to_json({**theme.names, **verdict.names})}).where(
            Theme.id == theme.id
        )
        await enqueue(kind=DRAW_CHARTS, subject=about_survey(theme.survey_id))
        await record_act(actor=actor.name, role=actor.role, action=f"theme.{kind}", subject=f"theme:{theme.key}")


def concept_names(texts: list[tuple[str, str]], language: str) -> list[list[str]]:
    """For each (text, language): the names of the needs that the lexicon finds in it, so that no original is unreadable."""
    matcher = bundled_matcher()
    found = []
    for text, tag in texts:
        concepts = [matcher.lexicon.concepts[hit.concept] for hit in matcher.find(text, tag)]
        found.append([concept.names.get(language, concept.id) for concept in concepts])
    return found


def category_names(language: str) -> dict[str, str]:
    return {key: names.get(language, key) for key, names in load_lexicon().categories.items()}
