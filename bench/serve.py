"""Serve one of the comparison apps exactly as `linsheng serve` serves the real one: python -m bench.serve TARGET PORT."""

from __future__ import annotations

import sys
from typing import Any

import granian

from survey.cli.serve import serve_forever
from survey.settings import load_settings


def main(target: str, port: int) -> None:
    class Elsewhere(granian.Granian):
        """The server with all its settings, and another application: the settings cannot drift apart."""

        def __init__(self, _: str, **settings: Any) -> None:
            super().__init__(target, **settings)

    granian.Granian = Elsewhere
    serve_forever(load_settings(), host="127.0.0.1", port=port, processes=1, with_worker=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
