"""Whether this machine can draw Chinese and Arabic: pictures print boxes without fonts, and say nothing."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from survey.errors import LinshengError

APT_LINE = "apt-get install -y fonts-noto-cjk fonts-noto-core"

_CJK = ("NotoSansCJK", "NotoSerifCJK", "SourceHanSans", "SourceHanSerif", "wqy-", "msyh", "PingFang", "simsun", "DroidSansFallback")


class FontMissing(LinshengError):
    """A document would print boxes. The message says what cannot be drawn and how fonts are installed."""

    status: ClassVar[int] = 503

    def __init__(self, what: str) -> None:
        super().__init__(f"This server has no font for {what}. Install it with: {APT_LINE}")


@lru_cache(maxsize=1)
def has_cjk_font() -> bool:
    """Look for a font file that holds Chinese in the places where fonts are installed."""
    home = Path.home()
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".fonts", home / ".local/share/fonts",
               Path("/System/Library/Fonts"), Path("/Library/Fonts"), Path("C:/Windows/Fonts")]  # fmt: skip
    return any(
        name.lower().startswith(tuple(prefix.lower() for prefix in _CJK))
        for folder in folders
        if folder.is_dir()
        for _, _, names in os.walk(folder)
        for name in names
    )
