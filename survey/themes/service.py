"""The bridge to the analysis, and people's decisions. The model proposes; what a person decided stays decided."""

from __future__ import annotations

import asyncio
import importlib.metadata
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from analysis.lexicon.load import load_lexicon
from analysis.text.tokens import analysers
from analysis.themes.decisions import Pin
from analysis.themes.embedder import Embedder, EmbedderError, load_embedder
from analysis.themes.model import ThemeModel
from analysis.themes.results import FormerTheme, FoundTheme, Statement
from survey import clock
from survey.accounts.rules import Actor, Right, may
from survey.audit.service import record_act
from survey.db.bulk import insert_rows
from survey.db.columns import to_json, to_json_in_order
from survey.db.ids import new_public_id
from survey.db.transaction import write_transaction
from survey.errors import InputInvalid, NotAllowed, SettingsInvalid
from survey.i18n.speech import speech
from survey.jobs.kinds import ANALYSE, DRAW_CHARTS, about_survey
from survey.jobs.service import enqueue
from survey.responses.queries import quotable_responses
from survey.statements.queries import StatementView, hold_statements, list_statements
from survey.statements.service import bundled_matcher, prepare_statements
from survey.themes.queries import ThemeView, list_events, list_themes, newest_run, statements_by_theme
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


def operators_model(setting: str | None) -> Embedder | None:
    """The operator's own embedding model, if there is one. Raises SettingsInvalid where it cannot be used."""
    try:
        return load_embedder(setting) if setting else None
    except EmbedderError as error:
        raise SettingsInvalid(f"LINSHENG_EMBEDDER: {error}.") from error


async def analyse_survey(survey_id: int, report: AsyncReport, *, embedder: Embedder | None = None) -> ThemeModel:
    """Analyse all statements of a survey and store themes and assignments in one transaction, obeying every event."""
    await report(1, STEPS, "statements")
    await prepare_statements(survey_id)
    views = await list_statements(survey_id)
    await report(10, STEPS, "themes")
    decided = replay(await list_events(survey_id))
    members = await statements_by_theme(survey_id)
    model = ThemeModel(
        decisions=[Pin(key) for key, theme in sorted(decided.items()) if theme.state == ThemeState.ACCEPTED],
        former=[FormerTheme(theme.key, theme.names, members.get(theme.id, ())) for theme in await list_themes(survey_id)],
        embedder=embedder,
    )
    await _fit_in_thread(model, views, await quotable_responses(survey_id), report)
    await report(95, STEPS, "store")
    async with write_transaction(Theme):
        here = await hold_statements([view.id for view in views])
        run_id = await _store_run(survey_id, model, views)
        await Assignment.delete().where(Assignment.theme.is_in([theme.id for theme in await list_themes(survey_id)] or [0]))
        theme_ids = await _store_themes(survey_id, run_id, model, views, replay(await list_events(survey_id)))
        await _store_assignments(model, views, theme_ids, here)
        await enqueue(kind=DRAW_CHARTS, subject=about_survey(survey_id))
    await report(STEPS, STEPS, "done")
    return model


async def recount_themes(survey_id: int) -> None:
    """Count people and statements of every theme again, after answers were withdrawn; the model is not asked."""
    async with write_transaction(Theme):
        run = await newest_run(survey_id)
        if run is None:
            return
        here = {view.id: view for view in await list_statements(survey_id)}
        sorted_ids: set[int] = set()
        assigned = await statements_by_theme(survey_id)
        for theme in await list_themes(survey_id):
            members = [here[key] for key in assigned.get(theme.id, ())]
            sorted_ids |= {view.id for view in members}
            people = {view.response: view.language for view in reversed(members)}
            await Theme.update(
                {
                    Theme.people: len(people),
                    Theme.statements: len(members),
                    Theme.languages: to_json_in_order(_counted(people.values())),
                    Theme.quotes: to_json([key for key in theme.quotes if key in here]),
                    Theme.public_quotes: to_json([key for key in theme.public_quotes if key in here]),
                }
            ).where(Theme.id == theme.id)
        figures = {**run.figures, **_totals(list(here.values()), sorted_ids)}
        await AnalysisRun.update({AnalysisRun.figures: to_json(figures)}).where(AnalysisRun.id == run.id)
        await enqueue(kind=DRAW_CHARTS, subject=about_survey(survey_id))


async def _fit_in_thread(
    model: ThemeModel, views: list[StatementView], quotable: set[str], report: AsyncReport
) -> None:
    """Fit beside the event loop; progress and cancellation cross over at each of the model's reports."""
    loop = asyncio.get_running_loop()

    def tell(share: float, step: str) -> None:
        asyncio.run_coroutine_threadsafe(report(10 + int(85 * share), STEPS, step), loop).result()

    statements = [
        Statement(view.text, view.language, view.response, is_quotable=view.response in quotable, id=view.id) for view in views
    ]
    await asyncio.to_thread(lambda: model.fit(statements, report=tell))


async def _store_run(survey_id: int, model: ThemeModel, views: list[StatementView]) -> int:
    figures = _totals(views, {view.id for view, found in zip(views, model.memberships_, strict=True) if found})
    settings = {
        "lexicon": load_lexicon().version,
        "random_state": model.random_state,
        "embedder": model.embedder.name if model.embedder else None,
        "pinned": [decision.theme for decision in model.decisions if isinstance(decision, Pin)],
        "versions": {name: importlib.metadata.version(name) for name in ("scikit-learn", "scipy", "numpy")} | analysers(),
    }
    rows = await AnalysisRun.insert(
        AnalysisRun(survey=survey_id, settings=to_json(settings), figures=to_json(figures), finished_at=clock.now())
    ).returning(AnalysisRun.id)
    return int(rows[0]["id"])


def _totals(views: list[StatementView], sorted_ids: set[int]) -> dict[str, Any]:
    """The figures of a run: people and statements, and how many of them belong to no theme."""
    left = [view for view in views if view.id not in sorted_ids]
    unsorted = _counted(view.language for view in left)
    return {
        "people": len({view.response for view in views}),
        "statements": len(views),
        "unsorted": len(left),
        "unsorted_sample": [view.id for view in left[:UNSORTED_SAMPLE]],
        "languages": {
            tag: {"statements": n, "unsorted": unsorted.get(tag, 0)}
            for tag, n in sorted(_counted(view.language for view in views).items())
        },
    }


def _counted(values: Iterable[str]) -> dict[str, int]:
    """Most frequent first."""
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))


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
            changes: dict[Any, Any] = {"names": names, "state": verdict.state, **figures}
            await Theme.update(changes).where(Theme.id == theme.id)
    for key, theme in known.items():
        if key in ids:
            continue
        if key in decided:
            await Theme.update({"people": 0, "statements": 0, "languages": "{}", "quotes": "[]", "public_quotes": "[]", "run": run_id}).where(
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
        "languages": to_json_in_order(found.languages),
        "keywords": to_json_in_order(found.keywords),
        "quotes": to_json([views[i].id for i in found.quotes]),
        "public_quotes": to_json([views[i].id for i in found.public_quotes]),
        "stability": found.stability,
        "run": run_id,
    }


async def _store_assignments(
    model: ThemeModel, views: list[StatementView], theme_ids: dict[str, int], here: set[int]
) -> None:
    """Of the statements that are still `here`: answers may have been withdrawn or corrected while the model was at work."""
    await insert_rows(
        Assignment,
        ("statement", "theme", "score", "author"),
        [
            (view.id, theme_ids[membership.theme], membership.score, "model")
            for view, memberships in zip(views, model.memberships_, strict=True)
            for membership in memberships
            if view.id in here
        ],
    )


async def decide(theme: ThemeView, kind: EventKind, *, actor: Actor, names: dict[str, str] | None = None) -> None:
    """Record a person's decision and show it at once. Raises InputInvalid for an unusable name."""
    if not may(actor, Right.REVIEW):
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
