import os
import re
import subprocess
import sys
from collections.abc import Coroutine
from pathlib import Path

import pytest

from survey import __version__
from survey.cli.main import main
from survey.errors import NotFound
from survey.settings import Settings
from tests.cli.conftest import Linsheng


def test_help_lists_every_command(linsheng: Linsheng) -> None:
    result = linsheng("--help")

    commands = ("init", "demo", "serve", "worker", "survey", "responses", "analyse", "themes", "plan")
    assert result.status == 0
    assert [name for name in commands if not re.search(rf"^\W*{name}\s", result.out, re.MULTILINE)] == []


def test_help_of_a_command_says_what_it_does(linsheng: Linsheng) -> None:
    result = linsheng("responses", "import", "--help")

    assert "all of them or none" in result.out
    assert "--lang-column" in result.out


def test_version(linsheng: Linsheng) -> None:
    assert linsheng("--version").out == f"linsheng, version {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["nonsense"], "No such command 'nonsense'. See: linsheng --help"),
        (["survey", "nonsense"], "No such command 'nonsense'. See: linsheng survey --help"),
        (["analyse"], "Missing argument 'SLUG'. See: linsheng analyse --help"),
        (["themes", "x.csv", "--out-dir", "out"], "Missing option '--text-column'. See: linsheng themes --help"),
        (["serve", "--port", "0"], "Invalid value for '--port': 0 is not in the range 1<=x<=65535. See: linsheng serve --help"),
        (["plan", "export", "x", "--format", "exe", "--out", "x"], "Invalid value for '--format': 'exe' is not one of 'docx', 'xlsx', 'csv', 'json'. See: linsheng plan export --help"),
        (["--nonsense"], "No such option '--nonsense'. See: linsheng --help"),
    ],
)  # fmt: skip
def test_wrong_use_is_one_line_that_leads_to_the_help(linsheng: Linsheng, arguments: list[str], problem: str) -> None:
    result = linsheng(*arguments)

    assert result.problem == problem
    assert result.out == ""


def test_missing_secret_is_one_line_with_what_to_do(linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINSHENG_SECRET")

    assert linsheng("survey", "list").problem.startswith("LINSHENG_SECRET is not set. Make one with: export LINSHENG_SECRET=")


def test_missing_database_is_one_line_with_what_to_do(linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite"
    monkeypatch.setenv("LINSHENG_DATABASE", f"sqlite:///{path}")

    result = linsheng("survey", "list")

    assert result.problem == f"There is no database at {path}. Create it with: linsheng init"
    assert not path.exists()


def test_database_of_an_older_version_is_one_line_with_what_to_do(
    linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "old.sqlite").touch()
    monkeypatch.setenv("LINSHENG_DATABASE", f"sqlite:///{tmp_path / 'old.sqlite'}")

    assert linsheng("survey", "list").problem == "The database is older than this version. Update it with: linsheng init"


@pytest.mark.parametrize("content", [b"not a database at all", b"SQLite format 3\x00" + b"\x01" * 4000])
def test_file_that_is_no_database_is_one_line(
    linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "notes.txt").write_bytes(content)
    monkeypatch.setenv("LINSHENG_DATABASE", f"sqlite:///{tmp_path / 'notes.txt'}")

    assert re.search("not a .*database|malformed", linsheng("survey", "list").problem)


def test_folder_instead_of_a_database_is_one_line(linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LINSHENG_DATABASE", f"sqlite:///{tmp_path}")

    assert str(tmp_path) in linsheng("survey", "list").problem


def test_server_that_is_away_is_one_line(linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINSHENG_DATABASE", "postgresql://someone:secret-word@127.0.0.1:1/linsheng")

    problem = linsheng("survey", "list").problem

    assert problem.startswith("The database cannot be reached: ")
    assert "secret-word" not in problem


def test_database_that_the_server_does_not_have_is_one_line(
    linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch, postgres_settings: Settings
) -> None:
    monkeypatch.setenv("LINSHENG_DATABASE", re.sub(r"/test_\d+\?", "/no_such?", postgres_settings.database))

    assert 'database "no_such" does not exist' in linsheng("survey", "list").problem


def test_debug_shows_where_an_error_comes_from(linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound, match=r"There is no survey named nowhere\."):
        main(["--debug", "analyse", "nowhere"])


def test_interrupted_command_leaves_as_shells_expect(linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(work: Coroutine[object, object, object]) -> None:
        work.close()
        raise KeyboardInterrupt

    monkeypatch.setattr("survey.cli.surveys.run", interrupt)

    result = linsheng("survey", "close", "x")

    assert (result.status, result.out, result.err.strip()) == (130, "", "")


def test_program_leaves_with_status_two_and_one_line(sqlite_settings: Settings) -> None:
    """As a shell sees it."""
    environment = {**os.environ, "LINSHENG_DATABASE": sqlite_settings.database, "LINSHENG_SECRET": sqlite_settings.secret}

    done = subprocess.run(
        [sys.executable, "-m", "survey.cli", "analyse", "nowhere"], env=environment, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (2, "", "linsheng: There is no survey named nowhere.\n")
