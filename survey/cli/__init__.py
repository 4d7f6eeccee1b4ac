"""The `linsheng` command. Each module holds the commands of one subject."""

from __future__ import annotations

import warnings

warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")  # piccolo → black → platformdirs, of no use to an operator

from survey.cli.main import main  # noqa: E402 -- after the filter

__all__ = ["main"]
