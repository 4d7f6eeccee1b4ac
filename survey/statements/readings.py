"""How statements read in the language of who is at the desk: a rendering that a person or a machine made, else the lexicon's names.

`readings` is what other features call; nobody depends on what is behind it.
"""

from __future__ import annotations

import msgspec

from analysis.text.normalize import to_simplified
from survey.statements.queries import statements_by_id, versions_of
from survey.statements.states import CHINESE, chosen_rendering, is_chinese
from survey.statements.wording import need_names

ORIGINAL, LEXICON = "original", "lexicon"


class ReadingView(msgspec.Struct, frozen=True):
    """How one statement reads. `kind` is machine, volunteer or staff (somebody's rendering), `lexicon` (`text` is names of needs,
    "" where none is found) or `original` (it can be read as it is; `text` is the original, in simplified characters).
    """

    id: int
    text: str
    kind: str
    is_accepted: bool
    original: str
    """Redacted, and in `language`."""
    language: str
    response: str
    rendering_id: int | None = None

    @property
    def is_translated(self) -> bool:
        """Whether the original says more than `text`, and belongs beside it."""
        return self.kind != ORIGINAL


async def readings(ids: list[int], language: str) -> dict[int, ReadingView]:
    """How these statements read in the desk's `language`, in the order of `ids`; withdrawn ones are left out.

    Renderings are Chinese; who reads another language gets the lexicon's names in that language.
    """
    found = await statements_by_id(ids)
    versions = await versions_of([key for key in found if language == CHINESE])
    shown: dict[int, ReadingView] = {}
    for key in ids:
        view = found.get(key)
        if view is None:
            continue
        chosen = chosen_rendering(versions.get(key, []))
        said: tuple[str, str, bool, int | None]
        if chosen is not None:
            said = (chosen.text, chosen.kind.value, chosen.is_accepted, chosen.id)
        elif view.language == language or (language == CHINESE and is_chinese(view.language)):
            text = to_simplified(view.text) if language == CHINESE else view.text
            said = (text, ORIGINAL, True, None)
        else:
            said = (listed_names(need_names(view.needs, language), language), LEXICON, False, None)
        text, kind, is_accepted, rendering = said
        shown[key] = ReadingView(key, text, kind, is_accepted, view.text, view.language, view.response, rendering)
    return shown


def listed_names(names: list[str], language: str) -> str:
    return ("；" if language == CHINESE else "; ").join(names)
