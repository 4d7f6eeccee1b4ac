"""The lane of what belongs nowhere: unsorted statements, and words that the lexicon may learn."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from survey.accounts.guards import needs, requires_sign_in
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.rules import Actor, Right
from survey.authoring.access import reach_survey
from survey.authoring.queries import SurveyView, survey_title
from survey.db.transaction import read_transaction
from survey.errors import InputInvalid, LinshengError, NotFound
from survey.i18n.languages import languages, name_in
from survey.themes import lexicon, service
from survey.themes.errors import ActInvalid
from survey.themes.pages import Trouble, after_of, chosen_statements, lines_of, posted, trouble_of, typed_in
from survey.themes.queries import ThemeView, find_theme, list_themes, newest_event, newest_run, unsorted_page
from survey.themes.states import ThemeState
from survey.themes.tables import Theme
from survey.web.forms import FormData, first, read_form
from survey.web.pages import remembered_desk_language
from survey.web.request import WebRequest


class UnsortedController(Controller):
    path = "/desk/surveys/{slug:str}"
    guards = [requires_sign_in]
    include_in_schema = False

    @get("/unsorted", name="themes.unsorted", opt=needs(Right.THEMES))
    async def unsorted(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        view = await reach_survey(actor_of(request), slug)
        query = request.query_params
        return await _unsorted(request, view, after_of(query.get("after", "")), query.get("language", ""))

    @post("/unsorted", name="themes.place_unsorted", status_code=303)
    async def place(self, request: WebRequest, slug: FromPath[str]) -> Response[Any]:
        """Move the ticked statements to a theme, or make a theme of them."""
        view, fields = await reach_survey(actor_of(request), slug), await read_form(request)
        after, tongue = after_of(first(fields, "after")), first(fields, "language")
        try:
            await _place(view, fields, actor_of(request))
        except LinshengError as error:
            trouble = await trouble_of(error, view.id, fields, remembered_desk_language(request))
            return await _unsorted(request, view, after, tongue, trouble=trouble, fields=fields)
        kept = f"&language={tongue}" if tongue in languages() else ""
        return Redirect(f"/desk/surveys/{slug}/unsorted?after={after}{kept}&done=1", status_code=303)

    @get("/words", name="themes.words", opt=needs(Right.THEMES))
    async def words(self, request: WebRequest, slug: FromPath[str]) -> Response[bytes]:
        return await _words(request, await reach_survey(actor_of(request), slug))

    @post("/words", name="themes.add_words", status_code=303)
    async def add_words(self, request: WebRequest, slug: FromPath[str]) -> Response[Any]:
        """Add the ticked words to the lexicon of this installation, or take one out again."""
        view, fields = await reach_survey(actor_of(request), slug), await read_form(request)
        removed = first(fields, "remove")
        if removed:
            if not removed.isascii() or not removed.isdigit() or len(removed) > 18:
                raise InputInvalid("This word is not known.")
            await lexicon.remove_word(int(removed), actor=actor_of(request))
            return Redirect(f"/desk/surveys/{slug}/words", status_code=303)
        try:
            added = await lexicon.add_words(await _ticked(view, fields), actor=actor_of(request))
        except LinshengError as error:
            trouble = await trouble_of(error, view.id, fields, remembered_desk_language(request))
            return await _words(request, view, trouble=trouble, fields=fields)
        return Redirect(f"/desk/surveys/{slug}/words?added={added}", status_code=303)


async def _place(view: SurveyView, fields: FormData, actor: Actor) -> None:
    about, chosen = posted(fields), chosen_statements(fields)
    common: dict[str, Any] = {"actor": actor, "why": about.why, "seen": about.seen, "anyway": about.anyway}
    match first(fields, "act"):
        case "move":
            if not first(fields, "to"):
                raise ActInvalid("target", "Choose a theme.")
            to = await find_theme(first(fields, "to"))
            await service.move(view.id, chosen, out_of=None, to=to, **common)
        case "new":
            names = {tag: first(fields, f"new_{tag}") for tag in ("zh-Hans", "en")}
            await service.move(view.id, chosen, out_of=None, names=names, category=first(fields, "category"), **common)
        case _:
            raise InputInvalid("This act is not known.")


async def _unsorted(
    request: WebRequest, view: SurveyView, after: int, tongue: str, *, trouble: Trouble | None = None, fields: FormData | None = None
) -> Response[bytes]:
    language = remembered_desk_language(request)  # `language` in the address is the filter's, `lang` another page's
    async with read_transaction(Theme):
        run, seen = await newest_run(view.id), await newest_event(view.id)
        chosen = tongue if tongue in languages() else ""
        page = await unsorted_page(view.id, after, chosen)
        lines = await lines_of(page.ids, language)
        targets = [t for t in await list_themes(view.id) if t.state != ThemeState.DISMISSED]
    told = run.figures.get("languages", {}) if run else {}
    return desk_page(
        request, "desk/unsorted.html", here="surveys", status=trouble.status if trouble else 200, survey=view,
        title=await survey_title(view, language), run=run, lines=lines, after=after, further=page.next, seen=seen, trouble=trouble,
        tongue=chosen, tongues=[(tag, name_in(tag, language)) for tag in languages() if told.get(tag, {}).get("unsorted")],
        targets=sorted(((t.public_id, t.name_in(language)) for t in targets), key=lambda row: row[1]),
        categories=service.category_names(language), typed=typed_in(fields or {}),
        ticked=set(chosen_statements(fields or {})), done=request.query_params.get("done") == "1",
    )  # fmt: skip


async def _ticked(view: SurveyView, fields: FormData) -> list[tuple[str, str, str]]:
    """The ticked words, each `theme|language|word`, as the need or category that they are added to."""
    themes = {theme.public_id: theme for theme in await list_themes(view.id)}
    found = []
    for value in fields.get("word", []):
        theme_id, _, rest = value.partition("|")
        language, _, word = rest.partition("|")
        if theme_id not in themes:
            raise NotFound("There is no such theme.")
        found.append((_place_of(themes[theme_id]), language, word))
    if not found:
        raise ActInvalid("words", "Choose at least one word.")
    return found


def _place_of(theme: ThemeView) -> str:
    """The need of the lexicon that a theme is; for all other themes their category."""
    return theme.key if lexicon.is_known(theme.key) else theme.category


async def _words(
    request: WebRequest, view: SurveyView, *, trouble: Trouble | None = None, fields: FormData | None = None
) -> Response[bytes]:
    language = remembered_desk_language(request)
    there = await lexicon.list_words()
    known = {(word.key, word.language, word.word) for word in there}
    suggested = []
    for theme in await list_themes(view.id):
        if theme.state == ThemeState.DISMISSED or not lexicon.is_known(_place_of(theme)):
            continue
        told = [
            (tag, name_in(tag, language), [word for word in words if (_place_of(theme), tag, word) not in known])
            for tag, words in theme.words.items()
        ]
        if any(words for _, _, words in told):
            suggested.append((theme.public_id, theme.name_in(language), [row for row in told if row[2]]))
    added = request.query_params.get("added", "")
    return desk_page(
        request, "desk/words.html", here="surveys", status=trouble.status if trouble else 200, survey=view,
        title=await survey_title(view, language), suggested=suggested,
        words=[(word, lexicon.name_of(word.key, language), name_in(word.language, language)) for word in there],
        ticked=set((fields or {}).get("word", [])), trouble=trouble, added=int(added) if added.isdigit() and len(added) < 5 else None,
    )  # fmt: skip
