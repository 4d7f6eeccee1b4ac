"""Service directories: files that say which public services there are and which need categories belong to them by default.

Reading and checking alone; where people say that a theme belongs is in mappings.py. How a file is written: docs/directories.md.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec
import yaml

from analysis.lexicon.load import CATEGORIES
from survey.errors import NotFound, SettingsInvalid

_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LONGEST_NAME = 200


class _EntryInFile(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    names: dict[str, str]
    is_verified: bool = False
    categories: list[str] = []
    entries: list[_EntryInFile] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    version: str
    dated: dt.date
    names: dict[str, str]
    source: dict[str, str]
    entries: list[_EntryInFile]
    note: dict[str, str] = {}
    expected_items: int | None = None


class Entry(msgspec.Struct, frozen=True):
    """A class or an item of a directory. `is_verified`: the name is known to be the directory's own wording."""

    id: str
    names: dict[str, str]
    depth: int
    is_verified: bool

    def name_in(self, language: str) -> str:
        return self.names.get(language) or self.names["zh-Hans"]


class Directory(msgspec.Struct, frozen=True):
    """Entries in the order of the file, items after their class. `expected_items` is how many the directory has in truth."""

    id: str
    version: str
    dated: dt.date
    names: dict[str, str]
    source: dict[str, str]
    note: dict[str, str]
    entries: list[Entry]
    defaults: dict[str, list[str]]
    """Need category to ids of entries."""
    expected_items: int | None

    def name_in(self, language: str) -> str:
        return self.names.get(language) or self.names["zh-Hans"]

    def find(self, entry_id: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.id == entry_id), None)

    @property
    def unverified(self) -> int:
        return sum(not entry.is_verified for entry in self.entries)

    @property
    def items(self) -> int:
        return sum(entry.depth > 0 for entry in self.entries)


@lru_cache(maxsize=4)
def load_directories(folder: str | None) -> dict[str, Directory]:
    """The bundled directories, and those of an operator's folder, which replace bundled ones of the same id. By id, in order.

    Raises SettingsInvalid that names file and place.
    """
    found = {directory.id: directory for directory in _read_all(resources.files("survey.themes").joinpath("directory_files"))}
    if folder:
        if not Path(folder).is_dir():
            raise SettingsInvalid(f"LINSHENG_DIRECTORIES: {folder} is not a folder.")
        own: dict[str, Directory] = {}
        for directory in _read_all(Path(folder)):
            if directory.id in own:
                raise SettingsInvalid(f"LINSHENG_DIRECTORIES: two files have the id {directory.id}.")
            own[directory.id] = directory
        found |= own
    return dict(sorted(found.items(), key=lambda item: (_FIRST.index(item[0]) if item[0] in _FIRST else len(_FIRST), item[0])))


_FIRST = ["community_services", "seven_and_five", "hotline_12345"]


def find_directory(folder: str | None, directory_id: str) -> Directory:
    """Raise NotFound for an unknown one."""
    directory = load_directories(folder).get(directory_id)
    if directory is None:
        raise NotFound("There is no such directory.")
    return directory


def _read_all(folder: Traversable) -> list[Directory]:
    files = [item for item in folder.iterdir() if item.name.endswith((".yaml", ".yml"))]
    return [read_directory(item.name, item.read_bytes()) for item in sorted(files, key=lambda item: item.name)]


def read_directory(name: str, content: bytes) -> Directory:
    """Raise SettingsInvalid that says where in the file `name` and what is wrong."""
    try:
        read = msgspec.convert(yaml.safe_load(content), _File)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise SettingsInvalid(f"{name}{f', line {mark.line + 1}' if mark else ''}: this is not YAML.") from error
    except msgspec.ValidationError as error:
        raise SettingsInvalid(f"{name}: {error}.") from error
    entries: list[Entry] = []
    defaults: dict[str, list[str]] = {}
    _require(name, "", read.id, [read.names, read.source])
    if not 1 <= len(read.version) <= 32:
        raise SettingsInvalid(f"{name}: version takes 1 to 32 characters.")
    _walk(name, read.entries, 0, entries, defaults)
    if not entries:
        raise SettingsInvalid(f"{name}: it has no entries.")
    return Directory(
        id=read.id, version=read.version, dated=read.dated, names=read.names, source=read.source, note=read.note, entries=entries,
        defaults=defaults, expected_items=read.expected_items,
    )  # fmt: skip


def _walk(name: str, found: list[_EntryInFile], depth: int, entries: list[Entry], defaults: dict[str, list[str]]) -> None:
    for item in found:
        _require(name, f"entry {item.id}: ", item.id, [item.names])
        if any(known.id == item.id for known in entries):
            raise SettingsInvalid(f"{name}: entry {item.id} stands there twice.")
        if depth > 1:
            raise SettingsInvalid(f"{name}: entry {item.id}: there are classes and items, and nothing below items.")
        entries.append(Entry(item.id, item.names, depth, item.is_verified))
        for category in item.categories:
            if category not in CATEGORIES:
                raise SettingsInvalid(f"{name}: entry {item.id}: {category!r} is no need category; there are {', '.join(CATEGORIES)}.")
            defaults.setdefault(category, []).append(item.id)
        _walk(name, item.entries, depth + 1, entries, defaults)


def _require(name: str, where: str, id_: str, texts: list[dict[str, str]]) -> None:
    if not _ID.fullmatch(id_):
        raise SettingsInvalid(f"{name}: {where}an id takes small letters, digits and underscores, and begins with a letter.")
    for found in texts:
        if not found.get("zh-Hans", "").strip():
            raise SettingsInvalid(f"{name}: {where}the Chinese text (zh-Hans) is missing.")
    if any(len(text) > _LONGEST_NAME for text in texts[0].values()):
        raise SettingsInvalid(f"{name}: {where}a name takes at most {_LONGEST_NAME} characters.")
