"""A theme's pages: what people wrote, what is decided, how it came about, and the acts."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from analysis.lexicon.load import load_lexicon
from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.rules import Actor, Right
from survey.authoring.access import reach_survey_by_id
from survey.authoring.queries import SurveyView, survey_title
from survey.db.transaction import read_transaction
from survey.errors import InputInvalid, LinshengError, NotFound
from survey.i18n.languages import languages
from survey.themes import service
from survey.themes.agenda import review_summary
from survey.themes.directories import load_directories
from survey.themes.errors import ActInvalid
from survey.themes.mappings import mappings_of
from survey.themes.pages import (
    Trouble,
    after_of,
    chosen_statements,
    lines_of,
    posted,
    shown_theme,
    trouble_of,
    typed_in,
)
from survey.themes.proposals import propose_parts
from survey.themes.queries import (
    ThemeView,
    find_theme,
    list_themes,
    newest_event,
    newest_run,
    review_days,
    standing_after,
    theme_history,
    theme_page,
    themes_by_id,
    themes_by_key,
    themes_of,
)
from survey.themes.states import EventKind, ThemeState
from survey.themes.stories import stories_of
from survey.themes.tables import Theme
from survey.web.forms import FormData, first, read_form
from survey.web.pages import desk_language
from survey.web.request import WebRequest

HISTORY_SHOWN = 30
MOST_QUOTES = 6
BORDER_QUOTES = 1


class ThemeController(Controller):
    path = "/desk/themes/{public_id:str}"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/", name="themes.theme", opt=needs(Right.THEMES))
    async def show(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        theme, view = await _reach(request, public_id)
        if theme.state == ThemeState.ENDED:
            return await _where_it_went(request, theme, view)
        return await _theme_page(request, theme, view)

    @post("/", name="themes.decide", status_code=303)
    async def decide(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        theme, view = await _reach(request, public_id)
        fields = await read_form(request)
        kind = first(fields, "decision")
        try:
            await _decide(theme, kind, fields, actor_of(request))
        except LinshengError as error:
            trouble = await trouble_of(error, view.id, fields, desk_language(request))
            return await _theme_page(request, theme, view, trouble=trouble, fields=fields)
        return Redirect(f"/desk/themes/{public_id}?done={kind}", status_code=303)

    @get("/statements", name="themes.statements", opt=needs(Right.THEMES))
    async def statements(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        theme, view = await _reach(request, public_id)
        if theme.state == ThemeState.ENDED:
            return await _where_it_went(request, theme, view)
        return await _statements_page(request, theme, view, after_of(request.query_params.get("after", "")))

    @post("/statements", name="themes.place", status_code=303)
    async def place(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        """Move the ticked statements, make a theme of them, or say that they do not belong here."""
        theme, view = await _reach(request, public_id)
        fields = await read_form(request)
        after = after_of(first(fields, "after"))
        try:
            await _place(theme, view, fields, actor_of(request))
        except LinshengError as error:
            trouble = await trouble_of(error, view.id, fields, desk_language(request))
            return await _statements_page(request, theme, view, after, trouble=trouble, fields=fields)
        return Redirect(f"/desk/themes/{public_id}/statements?after={after}&done=1", status_code=303)

    @get("/split", name="themes.split", opt=needs(Right.REVIEW))
    async def split(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        theme, view = await _reach(request, public_id)
        if theme.state == ThemeState.ENDED:
            return await _where_it_went(request, theme, view)
        wanted = request.query_params.get("parts", "2")
        return await _split_page(request, theme, view, parts=int(wanted) if wanted in {"2", "3", "4"} else 2)

    @post("/split", name="themes.make_parts", status_code=303)
    async def make_parts(self, request: WebRequest, public_id: FromPath[str]) -> Response[Any]:
        theme, view = await _reach(request, public_id)
        fields = await read_form(request)
        about = posted(fields)
        try:
            await service.split(
                theme, _parts(fields), actor=actor_of(request), why=about.why, seen=about.seen, anyway=about.anyway
            )
        except LinshengError as error:
            trouble = await trouble_of(error, view.id, fields, desk_language(request))
            return await _split_page(request, theme, view, parts=len(_parts(fields)), trouble=trouble, fields=fields)
        return Redirect(f"/desk/themes/{public_id}", status_code=303)


async def _reach(request: WebRequest, public_id: str) -> tuple[ThemeView, SurveyView]:
    theme = await find_theme(public_id)
    return theme, await reach_survey_by_id(actor_of(request), theme.survey_id)


async def _decide(theme: ThemeView, kind: str, fields: FormData, actor: Actor) -> None:
    about = posted(fields)
    common: dict[str, Any] = {"actor": actor, "why": about.why, "seen": about.seen, "anyway": about.anyway}
    if kind == EventKind.RENAME or kind in set(service.SIMPLE):
        names = {tag: first(fields, f"name_{tag}") for tag in languages()}
        changed = {tag: name for tag, name in names.items() if name != theme.names.get(tag, "")} or names
        await service.decide(theme, EventKind(kind), names=changed, **common)
    elif kind == EventKind.SET_CATEGORY:
        await service.set_category(theme, first(fields, "category"), **common)
    elif kind == EventKind.MERGE:
        await service.merge(theme, await _chosen_theme(theme.survey_id, first(fields, "into")), **common)
    elif kind == EventKind.UNDO:
        await service.undo(theme.survey_id, _number(first(fields, "event")), actor=actor)
    else:
        raise InputInvalid("This decision is not known.")


async def _place(theme: ThemeView, view: SurveyView, fields: FormData, actor: Actor) -> None:
    about, chosen = posted(fields), chosen_statements(fields)
    common: dict[str, Any] = {"actor": actor, "why": about.why, "seen": about.seen, "anyway": about.anyway}
    match first(fields, "act"):
        case "move":
            to = await _chosen_theme(view.id, first(fields, "to"))
            await service.move(view.id, chosen, out_of=theme, to=to, **common)
        case "new":
            await service.move(view.id, chosen, out_of=theme, names=_new_names(fields), **common)
        case "forbid":
            await service.forbid(theme, chosen, **common)
        case _:
            raise InputInvalid("This act is not known.")


def _new_names(fields: FormData) -> dict[str, str]:
    return {tag: first(fields, f"new_{tag}") for tag in ("zh-Hans", "en")}


async def _chosen_theme(survey_id: int, public_id: str) -> ThemeView:
    if not public_id:
        raise ActInvalid("target", "Choose a theme.")
    theme = await find_theme(public_id)
    if theme.survey_id != survey_id:
        raise NotFound("There is no such theme.")
    return theme


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise InputInvalid("This act is not known.")
    return int(text)


def _parts(fields: FormData) -> list[tuple[dict[str, str], list[int]]]:
    """The parts of a split as the form names them: part_1_zh-Hans, and example_1 for each ticked statement."""
    found = []
    for number in range(1, service.MOST_PARTS + 1):
        names = {tag: first(fields, f"part_{number}_{tag}") for tag in ("zh-Hans", "en")}
        examples = chosen_statements({"statement": fields.get(f"example_{number}", [])})
        if any(names.values()) or examples:
            found.append((names, examples))
    return found


async def _where_it_went(request: WebRequest, theme: ThemeView, view: SurveyView) -> Response[Any]:
    """The address of a theme that is no more leads to what it became."""
    now = await standing_after(theme)
    if len(now) == 1:
        return Redirect(f"/desk/themes/{now[0].public_id}?from={theme.public_id}", status_code=303)
    language = desk_language(request)
    run = await newest_run(view.id)
    base = run.figures["people"] if run else 0
    history = await stories_of(view.id, await theme_history(view.id, theme.key), language)
    return desk_page(
        request, "desk/theme_ended.html", here="surveys", survey=view, title=await survey_title(view, language),
        name=theme.name_in(language), parts=[shown_theme(part, language, base) for part in now], history=history, id=theme.public_id,
        trouble=None,
    )  # fmt: skip


async def _theme_page(
    request: WebRequest, theme: ThemeView, view: SurveyView, *, trouble: Trouble | None = None, fields: FormData | None = None
) -> Response[bytes]:
    language = desk_language(request)
    before = after_of(request.query_params.get("before", ""))
    async with read_transaction(Theme):
        run, seen = await newest_run(view.id), await newest_event(view.id)
        others = [t for t in await list_themes(view.id) if t.key != theme.key]
        border = await _border(theme, language)
        quotes = [key for key in theme.quotes if key not in border][:MOST_QUOTES]
        lines = await lines_of([*quotes, *border], language, near=border)
        past = await theme_history(view.id, theme.key, before=before, limit=HISTORY_SHOWN + 1)
        history = await stories_of(view.id, past[:HISTORY_SHOWN], language)
        days = await review_days(view.id)
        reviewed, placed = await review_summary(theme), await _placed(request, theme, language)
    done = request.query_params.get("done", "")
    typed = typed_in(fields) if trouble and fields else {}
    return desk_page(
        request, "desk/theme.html", here="surveys", status=trouble.status if trouble else 200, survey=view,
        title=await survey_title(view, language), view=theme, theme=shown_theme(theme, language, run.figures["people"] if run else 0, days=days),
        lines=lines, seen=seen, run=run, days=days, trouble=trouble, typed=typed, history=history,
        further=past[HISTORY_SHOWN - 1].event.id if len(past) > HISTORY_SHOWN else None,
        others=sorted(((t.public_id, t.name_in(language), t.state) for t in others), key=lambda row: row[1]),
        categories=service.category_names(language) if load_lexicon() else {}, done=done if done in set(EventKind) else "",
        came_from=await _came_from(request, theme, language), reviewed=reviewed, placed=placed,
    )  # fmt: skip


async def _placed(request: WebRequest, theme: ThemeView, language: str) -> list[tuple[dict[str, str], list[str]]]:
    """Each service directory (id, text) with the names of the entries under which the theme stands."""
    found = []
    for directory in load_directories(request.app.state.settings.directories).values():
        place = (await mappings_of([theme], directory))[theme.key]
        named = {"id": directory.id, "text": directory.name_in(language)}
        found.append((named, [entry.name_in(language) for entry in place.entries]))
    return found


async def _came_from(request: WebRequest, theme: ThemeView, language: str) -> str:
    """The name of the theme whose old address led here."""
    old = request.query_params.get("from", "")
    if not old:
        return ""
    try:
        found = await find_theme(old)
    except NotFound:
        return ""
    return found.name_in(language) if found.survey_id == theme.survey_id and found.state == ThemeState.ENDED else ""


async def _border(theme: ThemeView, language: str) -> dict[int, str]:
    """Statements nearly as much in another theme that stands, with that theme's name."""
    if not theme.border:
        return {}
    there = await themes_of([statement for statement, _ in theme.border])
    others = await themes_by_key(theme.survey_id, [key for _, key in theme.border])
    found: dict[int, str] = {}
    for statement, key in theme.border:
        other = others.get(key)
        if other is not None and {theme.id, other.id} <= set(there.get(statement, [])) and len(found) < BORDER_QUOTES:
            found[statement] = other.name_in(language)
    return found


async def _statements_page(
    request: WebRequest, theme: ThemeView, view: SurveyView, after: int, *, trouble: Trouble | None = None,
    fields: FormData | None = None,
) -> Response[bytes]:  # fmt: skip
    language = desk_language(request)
    async with read_transaction(Theme):
        run, seen = await newest_run(view.id), await newest_event(view.id)
        page = await theme_page(theme.id, after)
        places = await themes_of(page.ids)
        others = await themes_by_id(sorted({key for keys in places.values() for key in keys} - {theme.id}))
        also = {s: [others[key] for key in keys if key in others] for s, keys in places.items()}
        lines = await lines_of(page.ids, language, also=also)
        targets = [t for t in await list_themes(view.id) if t.key != theme.key and t.state != ThemeState.DISMISSED]
    return desk_page(
        request, "desk/theme_statements.html", here="surveys", status=trouble.status if trouble else 200, survey=view,
        title=await survey_title(view, language), theme=shown_theme(theme, language, run.figures["people"] if run else 0),
        lines=lines, after=after, further=page.next, seen=seen, trouble=trouble,
        typed=typed_in(fields or {}), ticked=set(chosen_statements(fields or {})),
        targets=sorted(((t.public_id, t.name_in(language)) for t in targets), key=lambda row: row[1]),
        done=request.query_params.get("done") == "1",
    )  # fmt: skip


async def _split_page(
    request: WebRequest, theme: ThemeView, view: SurveyView, *, parts: int, trouble: Trouble | None = None,
    fields: FormData | None = None,
) -> Response[bytes]:  # fmt: skip
    """Parts are proposed; a person names them, and takes away or moves examples."""
    language = desk_language(request)
    seen = await newest_event(view.id)
    proposed = await propose_parts(theme, parts)
    examples = [list(part.examples) for part in proposed]
    names = [{part.language: " · ".join(part.words[:3])} if part.language in {"zh-Hans", "en"} else {} for part in proposed]
    words = [part.words for part in proposed]
    ticked = {(number, s) for number, found in enumerate(examples, start=1) for s in found}
    if fields is not None:
        given = _parts(fields)
        names = [told for told, _ in given]
        ticked = {(number, s) for number, (_, chosen) in enumerate(given, start=1) for s in chosen}
        examples = [sorted({*chosen, *(examples[i] if i < len(examples) else [])}) for i, (_, chosen) in enumerate(given)]
    lines = {line.id: line for line in await lines_of(sorted({s for found in examples for s in found}), language)}
    return desk_page(
        request, "desk/theme_split.html", here="surveys", status=trouble.status if trouble else 200, survey=view,
        title=await survey_title(view, language), theme=shown_theme(theme, language, 0), seen=seen, trouble=trouble, ticked=ticked,
        parts=[
            (names[i], [lines[s] for s in found if s in lines], words[i] if i < len(words) else [])
            for i, found in enumerate(examples)
        ],
        wanted=parts,
        typed=typed_in(fields or {}),
    )  # fmt: skip
