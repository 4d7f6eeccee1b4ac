"""What members of several bodies say about a theme: write, edit and withdraw one's own words, and read them all."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from survey import clock
from survey.accounts.rules import Actor, Right, may
from survey.audit.service import record_act
from survey.db.columns import from_json
from survey.db.ids import new_public_id
from survey.db.transaction import write_transaction
from survey.errors import Conflict, InputInvalid, NotAllowed, NotFound
from survey.themes.queries import ThemeView
from survey.themes.rules import Person
from survey.themes.tables import ReviewComment

LONGEST = 2000


class CommentInvalid(InputInvalid):
    """Nothing was written, or too much."""

    def __init__(self) -> None:
        super().__init__(f"A comment takes 1 to {LONGEST} characters.")


class CommentView(msgspec.Struct, frozen=True):
    """`text` is empty where it was withdrawn."""

    public_id: str
    theme_key: str
    account_id: int | None
    who: Person
    text: str
    created_at: dt.datetime
    edited_at: dt.datetime | None
    is_withdrawn: bool


async def list_comments(survey_id: int, theme_keys: list[str]) -> list[CommentView]:
    """Oldest first, the withdrawn ones among them."""
    if not theme_keys:
        return []
    rows = await (
        ReviewComment.select(*ReviewComment.all_columns(), ReviewComment.area.names.as_alias("area_names"))
        .where((ReviewComment.survey == survey_id) & ReviewComment.theme_key.is_in(theme_keys))
        .order_by(ReviewComment.id)
    )
    return [_view(row) for row in rows]


async def write_comment(theme: ThemeView, text: str, *, actor: Actor) -> None:
    """The same words of the same person stay once: a button is tapped twice."""
    _require_body(actor)
    cleaned = _cleaned(text)
    async with write_transaction(ReviewComment):
        if await ReviewComment.exists().where(
            (ReviewComment.survey == theme.survey_id) & (ReviewComment.theme_key == theme.key)
            & (ReviewComment.account == actor.account_id) & (ReviewComment.text == cleaned)
        ):  # fmt: skip
            return
        public_id = new_public_id()
        await ReviewComment.insert(
            ReviewComment(
                public_id=public_id, survey=theme.survey_id, theme_key=theme.key, account=actor.account_id, name=actor.name,
                role=actor.role, area=actor.area_id, text=cleaned, created_at=clock.now(), edited_at=None, is_withdrawn=False,
            )
        )  # fmt: skip
        await record_act(actor=actor.name, role=actor.role, action="review.comment", subject=f"comment:{public_id}")


async def edit_comment(theme: ThemeView, public_id: str, text: str, *, actor: Actor) -> None:
    """Change one's own comment. Minutes that were closed before keep the words of then."""
    cleaned = _cleaned(text)
    async with write_transaction(ReviewComment):
        comment = await _own_comment(theme, public_id, actor)
        if comment["text"] != cleaned:
            changes: dict[Any, Any] = {ReviewComment.text: cleaned, ReviewComment.edited_at: clock.now()}
            await ReviewComment.update(changes).where(ReviewComment.id == comment["id"])
            await record_act(actor=actor.name, role=actor.role, action="review.comment_edited", subject=f"comment:{public_id}")


async def withdraw_comment(theme: ThemeView, public_id: str, *, actor: Actor) -> None:
    """Take one's own words back: they are deleted, that something was said stays."""
    async with write_transaction(ReviewComment):
        comment = await _own_comment(theme, public_id, actor)
        changes: dict[Any, Any] = {ReviewComment.text: "", ReviewComment.is_withdrawn: True}
        await ReviewComment.update(changes).where(ReviewComment.id == comment["id"])
        await record_act(actor=actor.name, role=actor.role, action="review.comment_withdrawn", subject=f"comment:{public_id}")


def _require_body(actor: Actor) -> None:
    if not may(actor, Right.COMMENT):
        raise NotAllowed("Your role reads themes and does not comment on them.")


def _cleaned(text: str) -> str:
    cleaned = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not cleaned or len(cleaned) > LONGEST:
        raise CommentInvalid
    return cleaned


async def _own_comment(theme: ThemeView, public_id: str, actor: Actor) -> dict[str, Any]:
    """Another's comment is answered as one that is not there; one's own that is withdrawn stays so."""
    _require_body(actor)
    row = await ReviewComment.select().where(
        (ReviewComment.public_id == public_id)
        & (ReviewComment.survey == theme.survey_id)
        & (ReviewComment.theme_key == theme.key)
        & (ReviewComment.account == actor.account_id)
    ).first()
    if row is None:
        raise NotFound("There is no such comment of yours.")
    if row["is_withdrawn"]:
        raise Conflict("This comment is withdrawn.")
    return dict(row)


def _view(row: dict[str, Any]) -> CommentView:
    return CommentView(
        public_id=row["public_id"], theme_key=row["theme_key"], account_id=row["account"], who=person_of(row), text=row["text"],
        created_at=row["created_at"], edited_at=row["edited_at"], is_withdrawn=bool(row["is_withdrawn"]),
    )  # fmt: skip


def person_of(row: dict[str, Any]) -> Person:
    """Of a row with name and role, and with `area_names` and `guest_of` where it has them."""
    names = row.get("area_names")
    return Person(
        name=row["name"], role=row["role"], areas=from_json(names, dict[str, str]) if names else {}, guest_of=row.get("guest_of", "")
    )
