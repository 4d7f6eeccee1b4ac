"""The lexicon of this installation: the bundled one with the words that people added."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from analysis.lexicon.extend import with_words
from analysis.lexicon.load import Lexicon, load_lexicon
from survey import clock
from survey.accounts.rules import Actor
from survey.audit.service import record_act
from survey.db.transaction import write_transaction
from survey.themes.errors import ActInvalid
from survey.themes.tables import LexiconWord

MOST_WORD = 40


class WordView(msgspec.Struct, frozen=True):
    id: int
    key: str
    language: str
    word: str
    by: str


async def list_words() -> list[WordView]:
    """The words that count, by need and language."""
    rows = await (
        LexiconWord.select(*LexiconWord.all_columns(), LexiconWord.account.name.as_alias("by"))
        .where(LexiconWord.removed_at.is_null())
        .order_by(LexiconWord.key)
        .order_by(LexiconWord.language)
        .order_by(LexiconWord.word)
    )
    return [WordView(row["id"], row["key"], row["language"], row["word"], row["by"] or "") for row in rows]


async def lexicon_in_use() -> Lexicon:
    """What the next run recognises needs by."""
    words = tuple((word.key, word.language, word.word) for word in await list_words())
    return _extended(load_lexicon(), words) if words else load_lexicon()


@lru_cache(maxsize=4)
def _extended(lexicon: Lexicon, words: tuple[tuple[str, str, str], ...]) -> Lexicon:
    return with_words(lexicon, words)


async def add_words(words: list[tuple[str, str, str]], *, actor: Actor) -> int:
    """Add words, given as (need or category, language, word), to this installation's lexicon; one that is there stays once.

    Raises ActInvalid for a word that would be read as a pattern, and for a need or language that the lexicon does not have.
    """
    lexicon = load_lexicon()
    for key, language, word in words:
        is_word = 0 < len(word) <= MOST_WORD and any(letter.isalnum() for letter in word) and not set(word) & set("*+")
        if not is_word or language not in lexicon.languages or not (key in lexicon.index or key in lexicon.categories):
            raise ActInvalid("word", "This word cannot be added to the lexicon.")
    added = 0
    async with write_transaction(LexiconWord):
        there = {(word.key, word.language, word.word) for word in await list_words()}
        for place in dict.fromkeys(words):
            if place in there:
                continue
            key, language, word = place
            await LexiconWord.insert(
                LexiconWord(key=key, language=language, word=word, account=actor.account_id, at=clock.now(), removed_by=None)
            )
            await record_act(
                actor=actor.name, role=actor.role, action="lexicon.word_added", subject=f"lexicon:{key}",
                data={"language": language, "word": word},
            )  # fmt: skip
            added += 1
    return added


async def remove_word(word_id: int, *, actor: Actor) -> None:
    """Take a word out again; that it was there, and who took it out, stays known."""
    async with write_transaction(LexiconWord):
        rows = await (
            LexiconWord.update({LexiconWord.removed_at: clock.now(), LexiconWord.removed_by: actor.account_id})
            .where((LexiconWord.id == word_id) & LexiconWord.removed_at.is_null())
            .returning(LexiconWord.key, LexiconWord.language, LexiconWord.word)
        )
        for row in rows:
            await record_act(
                actor=actor.name, role=actor.role, action="lexicon.word_removed", subject=f"lexicon:{row['key']}",
                data={"language": row["language"], "word": row["word"]},
            )  # fmt: skip


def is_known(key: str) -> bool:
    """Whether the lexicon has this need or category."""
    lexicon = load_lexicon()
    return key in lexicon.index or key in lexicon.categories


def name_of(key: str, language: str) -> str:
    lexicon = load_lexicon()
    names = lexicon.concepts[lexicon.index[key]].names if key in lexicon.index else lexicon.categories.get(key, {})
    return names.get(language, key)
