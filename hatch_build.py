"""Compile the gettext catalogs into the wheel; a checkout compiles them in memory at start (survey/i18n/catalogs.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's base is generic over its config
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return  # an editable install reads the .po files
        out = Path(self.root) / "dist" / "catalogs"
        for po in sorted((Path(self.root) / "locales").glob("*/LC_MESSAGES/*.po")):
            with po.open("rb") as stream:
                catalog = read_po(stream, locale=po.parts[-3])
            target = out / po.relative_to(Path(self.root) / "locales").with_suffix(".mo")
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as stream:
                write_mo(stream, catalog)
            build_data["force_include"][str(target)] = f"survey/locales/{target.relative_to(out)}"
