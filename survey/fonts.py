"""Whether this machine can draw Chinese and Arabic: pictures print boxes without fonts, and say nothing."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

APT_LINE = "apt-get install -y fonts-noto-cjk fonts-noto-core"

_CJK = ("NotoSansCJK", "NotoSerifCJK", "SourceHanSans", "SourceHanSerif", "wqy-", "msyh", "PingFang", "simsun", "DroidSansFallback")


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
