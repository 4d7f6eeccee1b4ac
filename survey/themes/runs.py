"""The bridge to the analysis: a run, what becomes of it, and counting anew.

Before anybody decided anything a run is applied as it is. Later it changes nothing that people look at: new statements are
placed, and the rest waits as a difference (survey/themes/differences.py).
"""

from __future__ import annotations

import asyncio
import importlib.metadata
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

from analysis.text.tokens import analysers
from analysis.themes.decisions import Pin
from analysis.themes.embedder import Embedder, EmbedderError, load_embedder
from analysis.themes.model import ThemeModel
from analysis.themes.results import FormerTheme, FoundTheme, Membership, Statement
from survey import clock
from survey.db.bulk import insert_rows
from survey.db.columns import to_json, to_json_in_order
from survey.db.ids import new_public_id
from survey.db.transaction import write_transaction
from survey.errors import SettingsInvalid
from survey.i18n.speech import speech
from survey.jobs.kinds import ANALYSE, DRAW_CHARTS, about_survey
from survey.jobs.service import enqueue
from survey.responses.queries import flagged_responses, quotable_responses
from survey.statements.queries import StatementView, hold_statements, list_statements
from survey.statements.service import prepare_statements
from survey.themes.decisions import decisions_of
from survey.themes.differences import drop_waiting, keep_difference
from survey.themes.lexicon import lexicon_in_use, list_words
from survey.themes.queries import all_themes, base_by_theme, count_theme, list_events, list_themes, newest_run, survey_totals
from survey.themes.settling import most_first
from survey.themes.states import effective
from survey.themes.tables import AnalysisRun, Assignment, SetAside, Theme, Unsorted

STEPS = 100
MOST_REASONS = 6
READ_FOR_REASONS = 2000
"""Statements of a theme from which its reasons are counted."""

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
    model = ThemeModel(
        lexicon=await lexicon_in_use() if words else None,
        decisions=decisions_of(events),
        former=[FormerTheme(t.key, t.names, members.get(t.id, ())) for t in await all_themes(survey_id) if not _is_made(t.key)],
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
        if effective(await list_events(survey_id)):
            await keep_difference(survey_id, result, here, settings)
        else:
            await _apply(survey_id, result, here, settings, flagged)
        await enqueue(kind=DRAW_CHARTS, subject=about_survey(survey_id))
    await report(STEPS, STEPS, "done")
    return model


def _is_made(key: str) -> bool:
    """Whether people made the theme; the model never finds it, it follows from their acts."""
    return ".own-" in key


class RunResult:
    """What a run came to, in the words of the tables."""

    def __init__(self, model: ThemeModel, views: list[StatementView]) -> None:
        self.views = views
        self.themes = {found.key: theme_values(found, views) for found in model.themes_}
        self.proposed: dict[int, list[Membership]] = {v.id: found for v, found in zip(views, model.proposed_, strict=True)}
        self.memberships: dict[int, list[Membership]] = {
            v.id: found for v, found in zip(views, model.memberships_, strict=True)
        }
        self.copy_of = {view.id: views[int(first)].id for view, first in zip(views, model.copy_of_, strict=True)}
        self.links = [[link.one, link.other, link.likeness] for link in model.links_]
        self._tell_reasons(model)
        for key, words in model.unknown_words().items():
            self.themes[key]["words"] = to_json(words)
        for key, border in _borders(self.memberships).items():
            self.themes[key]["border"] = to_json(border)

    def _tell_reasons(self, model: ThemeModel) -> None:
        """The words for which statements are in each theme, by language, the most frequent first."""
        counted: defaultdict[str, defaultdict[tuple[str, str], Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        read: Counter[str] = Counter()
        for view, memberships, reasons in zip(self.views, model.memberships_, model.reasons_, strict=True):
            for membership in memberships:
                key = membership.theme
                read[key] += 1
                if read[key] > READ_FOR_REASONS:
                    continue
                for reason in reasons:
                    need, _, word = reason.partition(": ")
                    if need == "learnt":
                        counted[key][view.language, "learnt"][word] += 1
                    elif need == key or need.split(".", 1)[0] == key:  # the need itself, or one of its category
                        counted[key][view.language, "lexicon"][word] += 1
        for key, by_place in counted.items():
            told: dict[str, dict[str, list[str]]] = {}
            for (language, kind), words in sorted(by_place.items(), key=lambda item: (-item[1].total(), item[0])):
                told.setdefault(language, {})[kind] = list(most_first(words))[:MOST_REASONS]
            self.themes[key]["reasons"] = to_json_in_order(told)

    def totals(self, here: set[int]) -> dict[str, Any]:
        """The figures of a run: people and statements, and how many of them belong to no theme."""
        views = [view for view in self.views if view.id in here]
        unsorted = Counter(view.language for view in views if not self.memberships[view.id])
        return {
            "people": len({view.response for view in views}),
            "statements": len(views),
            "unsorted": unsorted.total(),
            "languages": {
                tag: {"statements": n, "unsorted": unsorted.get(tag, 0)}
                for tag, n in sorted(Counter(view.language for view in views).items())
            },
            "links": self.links,
        }


def theme_values(found: FoundTheme, views: Sequence[StatementView]) -> dict[str, Any]:
    """A theme's row as the run sees it, but for what people decided and for what is counted from the assignments."""
    return {
        "category": found.category,
        "names": _shown_names(found),
        "people": found.people,
        "statements": found.statements,
        "languages": to_json_in_order(found.languages),
        "keywords": to_json_in_order(found.keywords),
        "quotes": to_json([views[i].id for i in found.quotes]),
        "public_quotes": to_json([views[i].id for i in found.public_quotes]),
        "stability": found.stability,
        "reasons": "{}",
        "words": "{}",
        "border": "[]",
    }


def _shown_names(found: FoundTheme) -> dict[str, str]:
    """A category's own theme holds what no theme of its own has enough people for; its name says so."""
    if found.key != found.category:
        return dict(found.names)
    return {tag: speech("desk", tag).gettext("%(category)s: other needs", category=name) for tag, name in found.names.items()}


def _borders(memberships: dict[int, list[Membership]]) -> dict[str, list[tuple[int, str]]]:
    """For each theme two statements that are nearly as much in another one, the nearest first."""
    near: defaultdict[str, list[tuple[float, int, str]]] = defaultdict(list)
    for statement, found in memberships.items():
        if len(found) < 2:
            continue
        for one, other in ((found[0], found[1]), (found[1], found[0])):
            kept = near[one.theme]
            kept.append((abs(found[0].score - found[1].score), statement, other.theme))
            kept.sort()
            del kept[2:]
    return {key: [(statement, other) for _, statement, other in found] for key, found in near.items()}


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
        "lexicon": (model.lexicon or lexicon_of(model)).version,
        "lexicon_words": words,
        "random_state": model.random_state,
        "embedder": model.embedder.name if model.embedder else None,
        "pinned": [decision.theme for decision in model.decisions if isinstance(decision, Pin)],
        "versions": {name: importlib.metadata.version(name) for name in ("scikit-learn", "scipy", "numpy")} | analysers(),
    }


def lexicon_of(model: ThemeModel) -> Any:
    return model._learnt.lexicon  # noqa: SLF001 -- the lexicon that it loaded by itself


async def _apply(
    survey_id: int, result: RunResult, here: set[int], settings: dict[str, Any], flagged: set[str]
) -> None:
    """Take the run as it is: nobody has decided anything."""
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
        row = {**values, "names": to_json(values["names"]), "run": run_id, "people_unflagged": len(clean[key])}
        if key in known:
            ids[key] = known[key].id
            await Theme.update({**row, "state": "proposed", "became": "[]"}).where(Theme.id == known[key].id)
        else:
            inserted = await Theme.insert(
                Theme(public_id=new_public_id(), survey=survey_id, key=key, state="proposed", **row)
            ).returning(Theme.id)
            ids[key] = inserted[0]["id"]
    for key, theme in known.items():
        if key not in ids:
            await Theme.delete().where(Theme.id == theme.id)
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


async def add_run(
    survey_id: int, settings: dict[str, Any], figures: dict[str, Any], newest: int, state: str = "applied"
) -> int:
    rows = await AnalysisRun.insert(
        AnalysisRun(
            survey=survey_id, settings=to_json(settings), figures=to_json(figures), finished_at=clock.now(), state=state,
            newest_statement=newest,
        )
    ).returning(AnalysisRun.id)  # fmt: skip
    return int(rows[0]["id"])


async def recount_themes(survey_id: int) -> None:
    """Count people and statements of every theme again, after answers were withdrawn; the model is not asked.

    Theme by theme, so that others can write in between however many answers there are.
    """
    if await newest_run(survey_id) is None:
        return
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
    async with write_transaction(Theme):
        totals = await survey_totals(survey_id)
        run = await newest_run(survey_id)
        assert run is not None
        await AnalysisRun.update({AnalysisRun.figures: to_json({**run.figures, **totals})}).where(AnalysisRun.id == run.id)
        await enqueue(kind=DRAW_CHARTS, subject=about_survey(survey_id))


def counted(values: Iterable[str]) -> dict[str, int]:
    """Most frequent first."""
    return most_first(Counter(values))
