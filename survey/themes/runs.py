"""The bridge to the analysis: a run, what becomes of it, and counting anew.

Before anybody decided anything a run is applied as it is. Later it changes nothing that people look at: new statements are
placed, and the rest waits as a difference (survey/themes/comparing.py).
"""

from __future__ import annotations

import asyncio
import importlib.metadata
from collections import defaultdict
from collections.abc import Callable, Coroutine
from typing import Any

from analysis.lexicon.load import load_lexicon
from analysis.text.tokens import analysers
from analysis.themes.decisions import Pin
from analysis.themes.embedder import Embedder, EmbedderError, load_embedder
from analysis.themes.model import ThemeModel
from analysis.themes.results import FormerTheme, Statement
from survey import clock
from survey.db.bulk import insert_rows
from survey.db.columns import to_json, to_json_in_order
from survey.db.ids import new_public_id
from survey.db.transaction import write_transaction
from survey.errors import SettingsInvalid
from survey.jobs.kinds import ANALYSE, DRAW_CHARTS, about_survey
from survey.jobs.service import enqueue
from survey.responses.queries import flagged_responses, quotable_responses
from survey.statements.queries import StatementView, hold_statements, list_statements
from survey.statements.service import prepare_statements
from survey.themes.answering import drop_waiting, forget_answers
from survey.themes.comparing import keep_difference, refused_themes
from survey.themes.decisions import decisions_of
from survey.themes.differences import WAITING, recount_difference
from survey.themes.lexicon import lexicon_in_use, list_words
from survey.themes.queries import (
    all_themes,
    base_by_theme,
    count_theme,
    list_events,
    list_themes,
    newest_run,
    survey_totals,
    themes_of,
    unplaced_statements,
)
from survey.themes.recording import add_run
from survey.themes.results import RunResult
from survey.themes.settling import most_first, settle_after_withdrawals
from survey.themes.states import Decided, effective, replay
from survey.themes.tables import AnalysisRun, Assignment, SetAside, Theme, Unsorted

STEPS = 100

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
    """Analyse all statements of a survey, obeying every event, and store what comes of it in one transaction."""
    await report(1, STEPS, "statements")
    await prepare_statements(survey_id)
    views = await list_statements(survey_id)
    await report(10, STEPS, "themes")
    events = await list_events(survey_id)
    words = await list_words()
    members = await base_by_theme(survey_id)
    former = [FormerTheme(t.key, t.names, members.get(t.id, ())) for t in await all_themes(survey_id) if not _is_made(t.key)]
    known = {theme.key for theme in former}
    model = ThemeModel(
        lexicon=await lexicon_in_use() if words else None,
        decisions=decisions_of(events),
        former=[*former, *(theme for theme in await refused_themes(survey_id) if theme.key not in known)],
        embedder=embedder,
    )
    await _fit_in_thread(model, views, await quotable_responses(survey_id), report)
    result = await asyncio.to_thread(RunResult, model, views)
    flagged = await flagged_responses(survey_id)
    await report(95, STEPS, "store")
    async with write_transaction(Theme):
        here = await hold_statements([view.id for view in views])
        await drop_waiting(survey_id)
        settings = _settings(model, [word.id for word in words])
        events = await list_events(survey_id)
        is_decided = bool(effective(events))
        if is_decided:
            await keep_difference(survey_id, result, here, settings)
        else:
            await _apply(survey_id, result, here, settings, flagged, replay(events))
        await enqueue(kind=DRAW_CHARTS, subject=about_survey(survey_id))
    if is_decided:  # what stands was not stored anew: answers may have been withdrawn, or flagged, since it was counted
        await recount_themes(survey_id)
    await report(STEPS, STEPS, "done")
    return model


def _is_made(key: str) -> bool:
    """Whether people made the theme; the model never finds it, it follows from their acts."""
    return ".own-" in key


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


def _settings(model: ThemeModel, words: list[int]) -> dict[str, Any]:
    return {
        "lexicon": (model.lexicon or load_lexicon()).version,
        "lexicon_words": words,
        "random_state": model.random_state,
        "embedder": model.embedder.name if model.embedder else None,
        "pinned": [decision.theme for decision in model.decisions if isinstance(decision, Pin)],
        "versions": {name: importlib.metadata.version(name) for name in ("scikit-learn", "scipy", "numpy")} | analysers(),
    }


async def _apply(
    survey_id: int, result: RunResult, here: set[int], settings: dict[str, Any], flagged: set[str], undone: dict[str, Decided]
) -> None:
    """Take the run as it is: nobody has decided anything, or all of it was `undone`. What anybody ever decided about stays."""
    await forget_answers(survey_id)
    run_id = await add_run(survey_id, settings, result.totals(here), max(here, default=0))
    known = {theme.key: theme for theme in await all_themes(survey_id)}
    if known:
        ids_there = [theme.id for theme in known.values()]
        await Assignment.delete().where(Assignment.theme.is_in(ids_there))
        await SetAside.delete().where(SetAside.theme.is_in(ids_there))
    response_of = {view.id: view.response for view in result.views}
    clean: defaultdict[str, set[str]] = defaultdict(set)
    for statement, found in result.memberships.items():
        if statement in here and response_of[statement] not in flagged:
            for membership in found:
                clean[membership.theme].add(response_of[statement])
    ids: dict[str, int] = {}
    for key, values in result.themes.items():
        row: dict[Any, Any] = {**values, "names": to_json(values["names"]), "run": run_id, "people_unflagged": len(clean[key])}
        if key in known:
            ids[key] = known[key].id
            await Theme.update(row).where(Theme.id == known[key].id)
        else:
            inserted = await Theme.insert(
                Theme(public_id=new_public_id(), survey=survey_id, key=key, state="proposed", proposed_at=clock.now(), **row)
            ).returning(Theme.id)
            ids[key] = inserted[0]["id"]
    for key, theme in known.items():
        if key not in ids and key not in undone:
            await Theme.delete().where(Theme.id == theme.id)
        elif key not in ids:
            await Theme.update(
                {"people": 0, "people_unflagged": 0, "statements": 0, "languages": "{}", "quotes": "[]", "public_quotes": "[]"}
            ).where(Theme.id == theme.id)
    await insert_rows(
        Assignment, ("statement", "theme", "score", "author"),
        [
            (statement, ids[membership.theme], membership.score, "model")
            for statement, found in result.memberships.items() if statement in here
            for membership in found
        ],
    )  # fmt: skip
    await Unsorted.delete().where(Unsorted.survey == survey_id)
    await insert_rows(
        Unsorted, ("survey", "statement", "language"),
        [(survey_id, v.id, v.language) for v in result.views if v.id in here and not result.memberships[v.id]],
    )  # fmt: skip


async def recount_themes(survey_id: int) -> None:
    """Count people and statements of every theme again, after answers were withdrawn; the model is not asked.

    Theme by theme, so that others can write in between however many answers there are.
    """
    if await newest_run(survey_id) is None:
        return
    async with write_transaction(Theme):
        await settle_after_withdrawals(survey_id)
    for theme in await list_themes(survey_id):
        async with write_transaction(Theme):
            counts = await count_theme(theme.id)
            here = await hold_statements([*theme.quotes, *theme.public_quotes])
            await Theme.update(
                {
                    Theme.people: counts.people,
                    Theme.people_unflagged: counts.unflagged,
                    Theme.statements: counts.statements,
                    Theme.languages: to_json_in_order(most_first(counts.languages)),
                    Theme.quotes: to_json([key for key in theme.quotes if key in here]),
                    Theme.public_quotes: to_json([key for key in theme.public_quotes if key in here]),
                }
            ).where(Theme.id == theme.id)
    left = await unplaced_statements(survey_id)
    async with write_transaction(Theme):
        here = await hold_statements([statement for statement, _ in left])
        placed = await themes_of([statement for statement, _ in left])
        await insert_rows(
            Unsorted, ("survey", "statement", "language"),
            [(survey_id, s, language) for s, language in left if s in here and s not in placed],
        )  # fmt: skip
        totals = await survey_totals(survey_id)
        run = await newest_run(survey_id)
        assert run is not None
        await AnalysisRun.update({AnalysisRun.figures: to_json({**run.figures, **totals})}).where(AnalysisRun.id == run.id)
        if run.state == WAITING:
            await recount_difference(run.id)
        await enqueue(kind=DRAW_CHARTS, subject=about_survey(survey_id))
