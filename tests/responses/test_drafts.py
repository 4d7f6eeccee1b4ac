"""Drafts for another phone: only the code opens them, and they go when they are sent, withdrawn or a week old."""

from __future__ import annotations

import asyncio
import datetime as dt
import re

import msgspec
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from survey import app, clock
from survey.codes import hash_code
from survey.db.transaction import write_transaction
from survey.errors import InputInvalid
from survey.outreach.service import add_channel
from survey.responses.drafts import (
    DRAFT_DAYS,
    LARGEST_DRAFT,
    DraftView,
    delete_expired_drafts,
    open_draft,
    save_draft,
)
from survey.responses.errors import AnswerDiffers
from survey.responses.service import withdraw
from survey.responses.tables import Draft, Response
from survey.settings import Settings
from tests.conftest import bundled_survey, running
from tests.responses.conftest import RECORDER, everything, impossible, record_one, submission

CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}")
CLIENT = "a-phone-0123456789"
TYPED = {
    "need_most": ["Пожалуйста, врача! 🏥 <b>"],
    "participation": ["events", "teach"],
    "origin": ["prefer_not_to_say"],
    "_seed": ["77"],
}


async def save(survey_id: int, raw: dict[str, list[str]] | None = None, **more: str) -> str:
    given = {"client_id": CLIENT, "language": "ru", "channel": "hanguk", **more}
    return await save_draft(survey_id=survey_id, raw=TYPED if raw is None else raw, **given)


async def move_to(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + dt.timedelta(days=days))


async def test_draft_is_opened_with_everything_that_was_typed(database: Settings) -> None:
    survey = await bundled_survey()

    code = await save(survey.id)

    assert CODE.fullmatch(code)
    assert await open_draft(code) == DraftView(
        survey_id=survey.id, survey_slug="community-needs", client_id=CLIENT, language="ru", channel="hanguk", raw=TYPED,
        expires_on=clock.today() + dt.timedelta(days=DRAFT_DAYS),
    )  # fmt: skip
    assert await open_draft(code) is not None  # opening changes nothing


async def test_draft_code_is_read_however_it_was_typed(database: Settings) -> None:
    survey = await bundled_survey()
    code = await save(survey.id)

    for typed in (code.lower(), code.replace("-", " "), f" {code} ", code.replace("0", "O").replace("1", "l")):
        found = await open_draft(typed)
        assert found is not None
        assert found.raw == TYPED


@pytest.mark.parametrize("code", ["", "ABCD", "0000-0000-0000-0000", "'; DROP TABLE draft --", "x" * 5000, "一"])
async def test_wrong_code_opens_nothing(database: Settings, code: str) -> None:
    survey = await bundled_survey()
    await save(survey.id)

    assert await open_draft(code) is None


async def test_code_with_one_letter_changed_and_a_receipts_code_open_nothing(database: Settings) -> None:
    survey = await bundled_survey()
    code = await save(survey.id)
    receipt = await record_one(await submission())

    assert await open_draft(code[:-1] + ("0" if code[-1] != "0" else "2")) is None
    assert await open_draft(receipt.code) is None


async def test_dump_of_the_database_holds_neither_what_was_typed_nor_the_code(database: Settings) -> None:
    """Bytes and their text: the dump shows a sealed draft as bytes, in which a plain one would be readable."""
    survey = await bundled_survey()
    before = await everything()

    code = await save(survey.id, {"need_most": ["a word that nobody else writes"]})

    [row] = (await everything())["draft"]
    dump = repr({**row, "sealed": bytes(row["sealed"])}) + repr(bytes(row["sealed"]).decode("latin-1"))
    letters = code.replace("-", "")
    assert before["draft"] == []
    assert [word for word in ("nobody else", "need_most", code, letters, letters.lower()) if word in dump] == []
    assert CLIENT in dump  # so the dump is one
    if database.sqlite_path:
        stored = b"".join(
            path.read_bytes() for path in database.sqlite_path.parent.glob(f"{database.sqlite_path.name}*")
        )
        assert (b"nobody else" in stored, letters.encode() in stored, CLIENT.encode() in stored) == (False, False, True)


async def test_draft_leaves_no_time_finer_than_a_day(database: Settings) -> None:
    survey = await bundled_survey()
    before = await everything()

    await save(survey.id)

    after = await everything()
    assert [name for name in after if after[name] != before[name]] == ["draft"]
    assert [name for name, value in after["draft"][0].items() if isinstance(value, dt.datetime)] == []


async def test_same_text_is_sealed_differently_each_time(database: Settings) -> None:
    """Else a dump would tell who wrote the same, or that nothing was changed."""
    survey = await bundled_survey()
    code = await save(survey.id)
    [first] = await Draft.select(Draft.sealed)

    await save(survey.id, code=code)

    [second] = await Draft.select(Draft.sealed)
    assert bytes(first["sealed"]) != bytes(second["sealed"])


async def test_save_again_under_the_code_takes_the_drafts_place(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = await bundled_survey()
    code = await save(survey.id)
    await move_to(monkeypatch, 3)

    again = await save(survey.id, {"need_most": ["later"]}, code=code.lower(), language="ko", channel="")

    found = await open_draft(code)
    assert again == code
    assert await Draft.count() == 1
    assert found is not None
    assert (found.raw, found.language, found.channel) == ({"need_most": ["later"]}, "ko", "")
    assert found.expires_on == clock.today() + dt.timedelta(days=DRAFT_DAYS)


async def test_save_without_the_code_is_another_draft(database: Settings) -> None:
    survey = await bundled_survey()

    codes = [await save(survey.id), await save(survey.id, {"need_most": ["second"]})]

    found = [await open_draft(code) for code in codes]
    assert [draft.raw for draft in found if draft] == [TYPED, {"need_most": ["second"]}]


@pytest.mark.parametrize("more", [{"client_id": "another-phone-0123"}, {"code": "0000-0000-0000-0000"}])
async def test_code_of_another_page_or_of_nothing_overwrites_nothing(database: Settings, more: dict[str, str]) -> None:
    survey = await bundled_survey()
    code = await save(survey.id)

    other = await save(survey.id, {"need_most": ["a neighbour's"]}, **{"code": code, **more})

    found = await open_draft(code)
    assert other not in {code, "0000-0000-0000-0000"}
    assert found is not None
    assert found.raw == TYPED


async def test_code_of_another_survey_overwrites_nothing(database: Settings) -> None:
    survey, other = await bundled_survey(), await bundled_survey("other")
    code = await save(survey.id)

    new = await save(other.id, {"need_most": ["x"]}, code=code)

    assert new != code
    assert [draft.survey_slug for draft in [await open_draft(code), await open_draft(new)] if draft] == [
        survey.slug,
        "other",
    ]


async def test_draft_that_was_moved_to_another_row_does_not_open(database: Settings) -> None:
    """What is sealed belongs to its survey and its page."""
    survey = await bundled_survey()
    code = await save(survey.id)

    async with write_transaction(Draft):
        await Draft.update({Draft.client_id: "another-phone-0123"}, force=True)

    assert await open_draft(code) is None


async def test_draft_is_too_old_after_a_week_and_is_then_deleted(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = await bundled_survey()
    code = await save(survey.id)

    await move_to(monkeypatch, DRAFT_DAYS)
    await delete_expired_drafts()
    on_the_last_day = await open_draft(code)
    await move_to(monkeypatch, 1)
    after_it = await open_draft(code)
    there = await Draft.count()
    await delete_expired_drafts()

    assert on_the_last_day is not None
    assert (after_it, there, await Draft.count()) == (None, 1, 0)


async def test_saving_deletes_what_is_too_old_and_gives_its_code_to_nobody(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = await bundled_survey()
    old = await save(survey.id)
    await move_to(monkeypatch, DRAFT_DAYS + 1)

    new = await save(survey.id, code=old)

    assert new != old
    assert await Draft.count() == 1


async def test_the_app_deletes_what_is_too_old_while_nobody_saves(
    sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "DRAFTS_LOOKED_AT_EVERY", 0.01)
    async with running(app.create_app(sqlite_settings)), asyncio.timeout(10):
        survey = await bundled_survey()
        await save(survey.id)
        await asyncio.sleep(0.1)
        kept = await Draft.count()
        await move_to(monkeypatch, DRAFT_DAYS + 1)
        while await Draft.count():  # noqa: ASYNC110 -- a row gives no event
            await asyncio.sleep(0.01)

    assert kept == 1


async def test_sending_the_answer_deletes_its_drafts_and_no_others(database: Settings) -> None:
    survey, other = await bundled_survey(), await bundled_survey("other")
    mine = [await save(survey.id), await save(survey.id)]
    others = [await save(survey.id, client_id="another-phone-0123"), await save(other.id)]

    await RECORDER.record([await submission(client_id=CLIENT), await submission()])

    assert [await open_draft(code) for code in mine] == [None, None]
    assert [draft is not None for draft in [await open_draft(code) for code in others]] == [True, True]


async def test_sending_again_deletes_what_was_saved_after_the_first_time(database: Settings) -> None:
    survey = await bundled_survey()
    sent = await submission(client_id=CLIENT)
    await record_one(sent)
    code = await save(survey.id)

    assert (await record_one(sent)).is_repeat is True

    assert await open_draft(code) is None


async def test_import_and_withdrawal_delete_the_draft_too(database: Settings) -> None:
    survey = await bundled_survey()
    await save(survey.id)
    [receipt] = await RECORDER.record_all_or_nothing([await submission(client_id=CLIENT, source="import")])
    after_import = await Draft.count()
    await save(survey.id)

    await withdraw(receipt.code)

    assert (after_import, await Draft.count()) == (0, 0)


async def test_answer_that_could_not_be_stored_leaves_its_draft(database: Settings) -> None:
    survey = await bundled_survey()
    code = await save(survey.id)
    results = await RECORDER.record([msgspec.structs.replace(await impossible(), client_id=CLIENT)])

    assert isinstance(results[0], Exception)
    assert await open_draft(code) is not None


async def test_two_phones_that_go_on_with_one_draft_are_one_answer(database: Settings) -> None:
    survey = await bundled_survey()
    code = await save(survey.id)
    opened = await open_draft(code)
    assert opened is not None

    results = await asyncio.gather(
        *[
            RECORDER.record([await submission(client_id=opened.client_id, need_most=text)])
            for text in ("from the first", "from the second")
        ]
    )

    assert sorted(type(result).__name__ for (result,) in results) == [AnswerDiffers.__name__, "Receipt"]
    assert (await Response.count(), await Draft.count()) == (1, 0)


async def test_saving_many_times_at_once_keeps_one_draft_under_one_code(database: Settings) -> None:
    survey = await bundled_survey()
    code = await save(survey.id)

    codes = await asyncio.gather(*[save(survey.id, {"need_most": [str(number)]}, code=code) for number in range(8)])

    found = await open_draft(code)
    assert set(codes) == {code}
    assert await Draft.count() == 1
    assert found is not None
    assert found.raw["need_most"][0] in set("01234567")


async def test_largest_draft_is_kept_and_a_larger_one_refused(database: Settings) -> None:
    survey = await bundled_survey()
    room = LARGEST_DRAFT - len(b'{"need_most":[""]}')

    code = await save(survey.id, {"need_most": ["x" * room]})
    with pytest.raises(InputInvalid, match="too much"):
        await save(survey.id, {"need_most": ["x" * (room + 1)]}, code=code)

    found = await open_draft(code)
    assert found is not None
    assert len(found.raw["need_most"][0]) == room


@pytest.mark.parametrize("client_id", ["", "short", "a b c d e f g h i j", "x" * 65, "ü" * 20])
async def test_client_id_that_no_page_has_is_refused(database: Settings, client_id: str) -> None:
    survey = await bundled_survey()

    with pytest.raises(InputInvalid, match="client_id"):
        await save(survey.id, client_id=client_id)

    assert await Draft.count() == 0


async def test_what_comes_with_a_draft_is_cut_to_what_its_columns_hold(database: Settings) -> None:
    survey = await bundled_survey()
    await add_channel(survey_id=survey.id, code="wuye", name="wuye")

    code = await save(survey.id, language="x" * 500, channel="y" * 500)

    found = await open_draft(code)
    assert found is not None
    assert (found.language, found.channel) == ("x" * 16, "y" * 32)


async def test_drafts_hash_is_not_the_key(database: Settings) -> None:
    """The hash is in the database; the key must not follow from it."""
    survey = await bundled_survey()
    code = await save(survey.id)

    [row] = await Draft.select(*Draft.all_columns(), exclude_secrets=False)

    assert row["code_hash"] == hash_code(code)
    sealed = bytes(row["sealed"])
    with pytest.raises(InvalidTag):
        AESGCM(bytes.fromhex(row["code_hash"])).decrypt(sealed[:12], sealed[12:], f"{survey.id}:{CLIENT}".encode())
