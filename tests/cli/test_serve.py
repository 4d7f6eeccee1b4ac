import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from survey.accounts.service import find_link, set_password_by_link, sign_in
from survey.jobs.tables import Job
from survey.settings import Settings
from survey.statements.tables import Statement
from tests.cli.conftest import Linsheng, in_database
from tests.conftest import PASSWORD, SECRET, bundled_survey
from tests.voices import DOCTOR, Person, record


def test_init_creates_the_database_and_a_link_that_sets_the_first_password(
    linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LINSHENG_DATABASE", f"sqlite:///{tmp_path / 'new.sqlite'}")
    monkeypatch.setenv("LINSHENG_URL", "https://survey.example.cn/")

    result = linsheng("init")

    found = re.search(r"^https://survey\.example\.cn/welcome/(\S+)$", result.out, re.MULTILINE)
    assert result.status == 0
    assert found is not None

    async def use() -> tuple[str | None, bool]:
        name = await find_link(found[1])
        await set_password_by_link(found[1], PASSWORD)
        return name, bool(await sign_in(name="admin", password=PASSWORD, secret=SECRET))

    assert in_database(use) == ("admin", True)


def test_init_twice_keeps_what_is_there_and_makes_no_link_once_there_is_a_password(
    linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LINSHENG_DATABASE", f"sqlite:///{tmp_path / 'new.sqlite'}")
    token = linsheng("init").out.split("/welcome/")[1].strip()
    in_database(lambda: set_password_by_link(token, PASSWORD))

    again = linsheng("init")

    assert again.out == "Database ready, 0 migrations run.\nThe account admin has a password already; no link was made.\n"
    assert in_database(lambda: sign_in(name="admin", password=PASSWORD, secret=SECRET)) is not None


def test_init_on_postgresql(linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch, postgres_settings: Settings) -> None:
    monkeypatch.setenv("LINSHENG_DATABASE", postgres_settings.database)

    result = linsheng("init")

    assert result.status == 0
    assert "/welcome/" in result.out


def test_init_in_a_folder_that_does_not_exist_is_one_line(
    linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LINSHENG_DATABASE", f"sqlite:///{tmp_path / 'nowhere' / 'x.sqlite'}")

    assert linsheng("init").problem == f"LINSHENG_DATABASE: the folder {tmp_path / 'nowhere'} does not exist. Create it first."


def test_serve_without_tls_beyond_this_machine_is_refused(linsheng: Linsheng) -> None:
    problem = linsheng("serve", "--host", "0.0.0.0").problem

    assert problem.startswith("Serving on 0.0.0.0 without TLS is refused.")


def test_serve_looks_at_the_database_first(linsheng: Linsheng, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LINSHENG_DATABASE", f"sqlite:///{tmp_path / 'none.sqlite'}")

    assert linsheng("serve").problem == f"There is no database at {tmp_path / 'none.sqlite'}. Create it with: linsheng init"


def test_worker_runs_what_waits_and_stops_when_told(linsheng: Linsheng) -> None:
    async def write() -> int:
        survey = await bundled_survey()
        await record(survey, [Person(need=DOCTOR) for _ in range(3)])  # which queues their preparation
        return await Job.count()

    async def left() -> tuple[int, int]:
        return await Job.count(), await Statement.count()

    before = in_database(write)
    worker = subprocess.Popen(
        [sys.executable, "-m", "survey.cli", "worker"], env=dict(os.environ), stderr=subprocess.PIPE, text=True
    )
    try:
        end = time.monotonic() + 60
        while in_database(left) != (0, 3) and time.monotonic() < end:
            time.sleep(0.2)
    finally:
        worker.send_signal(signal.SIGTERM)
    _, err = worker.communicate(timeout=20)

    assert (before, in_database(left)) == (1, (0, 3))
    assert (worker.returncode, err) == (0, "")
