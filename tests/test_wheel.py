"""The wheel alone is enough: installed offline into an empty environment outside the checkout, it runs the demonstration."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec
import pytest

PROJECT = Path(__file__).parents[1]
WHEELS = PROJECT / ".wheels"


def run(*command: str | Path, cwd: Path) -> str:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("LINSHENG_", "PYTHON", "PIP_"))}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env={**plain, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder, PROJECT, cwd=folder)
    [found] = folder.glob("linsheng-*.whl")
    return found


def test_wheel_carries_pages_catalogs_and_data_inside_the_package(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    assert {
        "survey/frontend/templates/resident/survey.html",
        "survey/frontend/styles/linsheng.css",
        "survey/frontend/modules/survey.mjs",
        "survey/locales/ko/LC_MESSAGES/resident.mo",
        "survey/locales/zh_Hans/LC_MESSAGES/desk.mo",
        "survey/authoring/bundled/community-needs.json",
        "survey/accounts/chaoyang_2010.csv",
        "survey/demo/answers/ko.tsv",
        "analysis/lexicon/data/languages/ar.yaml",
        "analysis/text/data/beijing_terms.txt",
    } <= names
    assert [name for name in names if name.startswith(("tests/", "bench/", "frontend/", "locales/"))] == []


@pytest.mark.skipif(not WHEELS.is_dir(), reason="`make test` fetches the wheels of what the project depends on into .wheels")
def test_wheel_installs_offline_and_runs_the_demonstration(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "env", cwd=tmp_path)
    python = tmp_path / "env" / "bin" / "python"

    # Not compiled: half a minute for scipy's and others' files, most of which nobody imports.
    run(python, "-m", "pip", "install", "--quiet", "--no-compile", "--no-index", "--find-links", WHEELS, wheel, cwd=tmp_path)
    said = run(tmp_path / "env" / "bin" / "linsheng", "demo", "--no-serve", "--dir", tmp_path / "demo", cwd=tmp_path)

    accounts = msgspec.json.decode((tmp_path / "demo" / "accounts.json").read_bytes())
    assert [sorted(account) for account in accounts] == [["name", "password", "role"]] * 9
    assert f"{accounts[0]['name']} / {accounts[0]['password']}" in said
    assert "http://127.0.0.1:8000/s/community-needs" in said
    where = run(python, "-c", "import survey; print(survey.__file__)", cwd=tmp_path).strip()
    assert Path(where).is_relative_to(tmp_path)
