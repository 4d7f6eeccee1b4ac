"""Versions of statements in Chinese: written by staff, volunteers or a machine, accepted by who may decide. Nothing is overwritten."""

from __future__ import annotations

from collections.abc import Sequence

from survey import clock
from survey.accounts.rules import Actor, Right, RoleKind, may
from survey.audit.service import record_act
from survey.authoring.queries import list_surveys
from survey.db.bulk import find_rows, insert_rows
from survey.db.transaction import write_transaction
from survey.errors import InputInvalid, LinshengError, NotAllowed, NotFound
from survey.i18n.languages import languages
from survey.jobs.kinds import RENDER_STATEMENTS, about_survey
from survey.jobs.service import enqueue
from survey.responses.service import hold_responses
from survey.statements.queries import FullStatement, StatementView, statements_by_id, versions_of
from survey.statements.search import Reach, Wanted, search_statements
from survey.statements.states import CHINESE, AuthorKind, Reading, RenderingState, rendering_state
from survey.statements.tables import Rendering, Statement
from survey.statements.translator import Translator
from survey.statements.wording import words_of

LONGEST_RENDERING = 20_000
OPEN = (RenderingState.MISSING, RenderingState.MACHINE)
"""What waits for a person to put it into Chinese."""

BATCH = 50
"""Statements that the translator is sent between two looks at the database."""


class RenderingRefused(InputInvalid):
    """What was typed cannot be stored; the page keeps it."""


class RenderingGone(LinshengError):
    """The statement or the version is there no more."""

    status = 409


async def write_rendering(statement: FullStatement, text: str, *, actor: Actor, is_accepted: bool = False) -> None:
    """Store a new version, beside those of others. A member of staff who may decide can accept it in the same act."""
    if not may(actor, Right.RENDER):
        raise NotAllowed("Your role cannot write renderings.")
    cleaned = text.replace("\r\n", "\n").strip()
    if not any(letter.isalnum() for letter in cleaned):
        raise RenderingRefused("Write what the text says in Chinese.")
    if len(cleaned) > LONGEST_RENDERING:
        raise RenderingRefused("A rendering takes at most 20,000 characters.")
    is_accepted = is_accepted and may(actor, Right.REVIEW)
    now = clock.now()
    async with write_transaction(Statement):
        await _hold(statement)
        await insert_rows(
            Rendering,
            ("statement", "language", "text", "author_kind", "account", "created_at", "accepted_by", "accepted_at"),
            [(statement.id, CHINESE, cleaned, kind_of(actor), actor.account_id, now,
              actor.account_id if is_accepted else None, now if is_accepted else None)],
        )  # fmt: skip
        await _refresh(statement.id, statement.language)
        await _record(actor, "rendering.written", statement)


async def accept_rendering(statement: FullStatement, rendering_id: int, *, actor: Actor) -> None:
    await _judge(statement, rendering_id, actor=actor, is_accepted=True)


async def take_back_acceptance(statement: FullStatement, rendering_id: int, *, actor: Actor) -> None:
    """The version stays, as one that nobody has accepted."""
    await _judge(statement, rendering_id, actor=actor, is_accepted=False)


async def _judge(statement: FullStatement, rendering_id: int, *, actor: Actor, is_accepted: bool) -> None:
    if not may(actor, Right.REVIEW):
        raise NotAllowed("Your role cannot accept renderings.")
    async with write_transaction(Statement):
        await _hold(statement)
        changed = await (
            Rendering.update(
                {Rendering.accepted_by: actor.account_id if is_accepted else None, Rendering.accepted_at: clock.now() if is_accepted else None}
            )
            .where((Rendering.id == rendering_id) & (Rendering.statement == statement.id))
            .returning(Rendering.id)
        )
        if not changed:
            raise NotFound("There is no such rendering.")
        await _refresh(statement.id, statement.language)
        await _record(actor, "rendering.accepted" if is_accepted else "rendering.taken_back", statement)


async def mark_read(statement: FullStatement, *, is_read: bool = True) -> None:
    """For everybody who reads this inbox: it is the committee's, not a person's own."""
    async with write_transaction(Statement):
        await Statement.update({Statement.reading: Reading.READ if is_read else Reading.NEW}).where(Statement.id == statement.id)


async def next_to_render(reach: Reach, *, language: str = "", after: int | None = None) -> StatementView | None:
    """The oldest statement without a rendering by a person, from behind the statement `after` on."""
    wanted = Wanted(language=language, rendering=OPEN)
    ids = await search_statements(wanted, reach, limit=1, after=after, is_oldest_first=True)
    return (await statements_by_id(ids)).get(ids[0]) if ids else None


async def languages_to_render(reach: Reach, tags: Sequence[str]) -> list[str]:
    """Those of the languages in which something waits."""
    return [tag for tag in tags if await search_statements(Wanted(language=tag, rendering=OPEN), reach, limit=1)]


def kind_of(actor: Actor) -> AuthorKind:
    return AuthorKind.VOLUNTEER if actor.role == RoleKind.VOLUNTEER else AuthorKind.STAFF


async def ask_for_renderings(survey_id: int) -> None:
    """Queue the machine's work for the worker."""
    async with write_transaction(Statement):
        await enqueue(kind=RENDER_STATEMENTS, subject=about_survey(survey_id))


async def ask_for_missing_renderings() -> None:
    """Queue the machine's work for every survey in which something is missing: a translator that was away may be back."""
    for view in await list_surveys():
        if await search_statements(Wanted(rendering=(RenderingState.MISSING,)), {view.id: None}, limit=1):
            await ask_for_renderings(view.id)


async def render_by_machine(survey_id: int, translator: Translator) -> int:
    """Let the translator put everything into Chinese that has no rendering yet; return how many it did.

    Only masked text is sent. Each batch is stored by itself, so that what fails later loses nothing: the job fails with the
    translator's words, and the next one goes on where it was.
    """
    done = 0
    for language in languages():
        wanted = Wanted(language=language, rendering=(RenderingState.MISSING,))
        after = None
        while translator.speaks(language):
            ids = await search_statements(wanted, {survey_id: None}, limit=BATCH, after=after, is_oldest_first=True)
            if not ids:
                break
            after = ids[-1]
            views = list((await statements_by_id(ids)).values())
            texts = await translator.translate([view.text for view in views], language)
            done += await _store_by_machine({view: text for view, text in zip(views, texts, strict=True) if text.strip()})
    return done


async def _store_by_machine(texts: dict[StatementView, str]) -> int:
    """Of statements that still say what was sent, and that nobody has rendered in the meantime."""
    async with write_transaction(Statement):
        here = await hold_responses({view.response for view in texts})
        rows = await find_rows(Statement, ("id", "redacted", "rendering"), ("id",), [(view.id,) for view in texts])
        now = {row["id"]: (row["redacted"], row["rendering"]) for row in rows}
        kept = {
            view: text
            for view, text in texts.items()
            if view.response in here and now.get(view.id) == (view.text, RenderingState.MISSING)
        }
        day = clock.midnight(clock.today())
        await insert_rows(
            Rendering,
            ("statement", "language", "text", "author_kind", "account", "created_at", "accepted_by", "accepted_at"),
            [(view.id, CHINESE, text.strip()[:LONGEST_RENDERING], AuthorKind.MACHINE, None, day, None, None) for view, text in kept.items()],
        )
        for view in kept:
            await _refresh(view.id, view.language)
    return len(kept)


async def _hold(statement: FullStatement) -> None:
    """Keep it from being withdrawn, and others' versions from being added, until the transaction ends."""
    if not await hold_responses([statement.response]):
        raise RenderingGone("The answer was withdrawn in the meantime.")
    rows = await find_rows(Statement, ("id", "redacted"), ("id",), [(statement.id,)], lock="UPDATE")
    if not rows:
        raise RenderingGone("The answer was corrected in the meantime.")


async def _refresh(statement_id: int, language: str) -> None:
    """Bring the statement's state and words to its versions."""
    versions = (await versions_of([statement_id]))[statement_id]
    view = (await statements_by_id([statement_id]))[statement_id]
    await Statement.update(
        {
            Statement.rendering: rendering_state(language, versions),
            Statement.words: words_of(view.text, language, view.needs, [version.text for version in versions]),
        }
    ).where(Statement.id == statement_id)


async def _record(actor: Actor, action: str, statement: FullStatement) -> None:
    await record_act(actor=actor.name, role=actor.role, action=action, subject=f"statement:{statement.public_id}")

