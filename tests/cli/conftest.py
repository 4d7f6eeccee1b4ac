"""Commands run in this process, as an operator types them; what they print and the status that they leave with."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from survey.authoring.queries import forget_forms
from survey.cli.context import open_database, run
from survey.cli.main import main
from survey.settings import Settings

TEXTS = Path(__file__).parents[3] / "shared" / "data" / "texts"
"""Real texts, which lie beside the project and never in it."""


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str

    @property
    def problem(self) -> str:
        """The one line that an error is told in."""
        assert self.status == 2, self
        assert self.err.startswith("linsheng: "), self.err
        assert self.err.count("\n") == 1, self.err
        assert self.err.endswith("\n"), self.err
        assert "Traceback" not in self.err
        return self.err.removeprefix("linsheng: ").rstrip("\n")


Linsheng = Callable[..., Result]


@pytest.fixture
def linsheng(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, sqlite_settings: Settings) -> Linsheng:
    """`linsheng("survey", "list")`, on a database of its own that is ready and empty."""
    for name in [name for name in os.environ if name.startswith("LINSHENG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LINSHENG_DATABASE", sqlite_settings.database)
    monkeypatch.setenv("LINSHENG_SECRET", sqlite_settings.secret)

    def command(*arguments: object) -> Result:
        forget_forms()
        capsys.readouterr()
        status = 0
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as left:
            status = int(left.code or 0)
        out, err = capsys.readouterr()
        return Result(status, out, err)

    return command


def in_database(work: Callable[[], object]) -> object:
    """Run a query or service on the database of the environment, as a command would."""

    forget_forms()  # they are kept by version id, and each test's database counts from 1

    async def opened() -> object:
        async with open_database():
            return await work()  # type: ignore[misc]

    return run(opened())
