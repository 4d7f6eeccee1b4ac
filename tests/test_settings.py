"""Settings from the environment: what is taken, what is refused and in which words; and that docs/settings.md says the same."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey import settings as settings_module
from survey.cli.asgi import application
from survey.cli.serve import settings_environment
from survey.errors import SettingsInvalid
from survey.settings import Settings, load_settings, require_safe_address

PROJECT = Path(__file__).parent.parent
SECRET = "s" * 32
NEEDED = {"LINSHENG_SECRET": SECRET}
ENVIRONMENT = {field.metadata["env"]: field for field in dataclasses.fields(Settings)}


def _refusal(environment: dict[str, str]) -> str:
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(environment)
    return refused.value.message


def test_load_settings_needs_only_the_secret() -> None:
    assert load_settings(NEEDED) == Settings(
        database="sqlite:///linsheng.sqlite",
        secret=SECRET,
        url="http://127.0.0.1:8000",
        tls_cert=None,
        tls_key=None,
        trusted_proxy=None,
        max_body=1_000_000,
        database_pool=10,
        embedder=None,
        translator=None,
        translator_key=None,
        directories=None,
        indicators=12,
        api_schema=True,
        debug=False,
    )


def test_load_settings_reads_every_variable() -> None:
    environment = {
        "LINSHENG_DATABASE": "postgresql://u:p@db/linsheng",
        "LINSHENG_SECRET": SECRET,
        "LINSHENG_URL": "https://survey.example.cn",
        "LINSHENG_TLS_CERT": "/etc/cert.pem",
        "LINSHENG_TLS_KEY": "/etc/key.pem",
        "LINSHENG_TRUSTED_PROXY": "10.0.0.1",
        "LINSHENG_MAX_BODY": "20000",
        "LINSHENG_DATABASE_POOL": "3",
        "LINSHENG_EMBEDDER": "model2vec:/srv/model",
        "LINSHENG_TRANSLATOR": "http://127.0.0.1:5000",
        "LINSHENG_TRANSLATOR_KEY": "a key",
        "LINSHENG_DIRECTORIES": "/srv/directories",
        "LINSHENG_INDICATORS": "6",
        "LINSHENG_API_SCHEMA": "off",
        "LINSHENG_DEBUG": "YES",
    }

    settings = load_settings(environment)

    assert environment.keys() == ENVIRONMENT.keys()
    assert settings == Settings(
        database="postgresql://u:p@db/linsheng",
        secret=SECRET,
        url="https://survey.example.cn",
        tls_cert="/etc/cert.pem",
        tls_key="/etc/key.pem",
        trusted_proxy="10.0.0.1",
        max_body=20_000,
        database_pool=3,
        embedder="model2vec:/srv/model",
        translator="http://127.0.0.1:5000",
        translator_key="a key",
        directories="/srv/directories",
        indicators=6,
        api_schema=False,
        debug=True,
    )


def test_load_settings_reads_the_processs_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LINSHENG_SECRET", SECRET)
    monkeypatch.setenv("LINSHENG_DATABASE_POOL", "7")

    assert load_settings() == dataclasses.replace(load_settings(NEEDED), database_pool=7)


def test_load_settings_takes_an_empty_variable_for_an_unset_one() -> None:
    assert load_settings(NEEDED | {"LINSHENG_URL": "", "LINSHENG_TLS_CERT": ""}) == load_settings(NEEDED)


def test_load_settings_reads_a_value_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n", encoding="utf-8")

    assert load_settings({"LINSHENG_SECRET_FILE": str(file)}).secret == SECRET
    assert load_settings({"LINSHENG_SECRET_FILE": str(file), "LINSHENG_SECRET": "x" * 40}).secret == "x" * 40


def test_load_settings_names_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    missing, broken = tmp_path / "missing", tmp_path / "broken"
    broken.write_bytes(b"\xff\xfe\xff")

    assert _refusal({"LINSHENG_SECRET_FILE": str(missing)}) == (
        f"LINSHENG_SECRET_FILE: {missing} cannot be read (No such file or directory)."
    )
    assert _refusal({"LINSHENG_SECRET_FILE": str(broken)}) == f"LINSHENG_SECRET_FILE: {broken} is not UTF-8 text."


def test_load_settings_without_a_secret_offers_one_that_would_do() -> None:
    message = _refusal({})

    offered = re.search(r"export LINSHENG_SECRET=(\S+)", message)
    assert message.startswith("LINSHENG_SECRET is not set.")
    assert offered is not None
    assert load_settings({"LINSHENG_SECRET": offered[1]}).secret == offered[1]
    assert offered[1] not in _refusal({})  # a new one each time


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("LINSHENG_DATABASE", "mysql://db/x", "LINSHENG_DATABASE takes sqlite:///path or postgresql://user:password@host/name."),
        ("LINSHENG_DATABASE", "linsheng.sqlite", "LINSHENG_DATABASE takes sqlite:///path or postgresql://user:password@host/name."),
        ("LINSHENG_SECRET", "s" * 31, "LINSHENG_SECRET is shorter than 32 characters; make a longer one."),
        ("LINSHENG_URL", "survey.example.cn", "LINSHENG_URL takes an address such as https://survey.example.cn."),
        ("LINSHENG_URL", "ftp://example.cn", "LINSHENG_URL takes an address such as https://survey.example.cn."),
        ("LINSHENG_URL", "https://[::1", "LINSHENG_URL takes an address such as https://survey.example.cn."),
        ("LINSHENG_URL", "https://:8000", "LINSHENG_URL takes an address such as https://survey.example.cn."),
        ("LINSHENG_URL", "https://", "LINSHENG_URL takes an address such as https://survey.example.cn."),
        ("LINSHENG_TLS_CERT", "c.pem", "LINSHENG_TLS_CERT and LINSHENG_TLS_KEY belong together; one of them is missing."),
        ("LINSHENG_TLS_KEY", "k.pem", "LINSHENG_TLS_CERT and LINSHENG_TLS_KEY belong together; one of them is missing."),
        ("LINSHENG_MAX_BODY", "9999", "LINSHENG_MAX_BODY is smaller than a survey's answers; use at least 10000."),
        ("LINSHENG_MAX_BODY", "1 MB", "LINSHENG_MAX_BODY is '1 MB'; it takes a whole number."),
        ("LINSHENG_DATABASE_POOL", "many", "LINSHENG_DATABASE_POOL is 'many'; it takes a whole number."),
        *[("LINSHENG_INDICATORS", number, "LINSHENG_INDICATORS takes 1 to 12: more indicators are more than anybody can act on.") for number in ("0", "13")],
        ("LINSHENG_DATABASE_POOL", "0", "LINSHENG_DATABASE_POOL is smaller than 1; a process needs a connection."),
        ("LINSHENG_EMBEDDER", "minishlab/potion", "LINSHENG_EMBEDDER takes model2vec:/folder or sentence-transformers:/folder."),
        ("LINSHENG_TRANSLATOR", "file:///etc/passwd", "LINSHENG_TRANSLATOR takes an address such as http://127.0.0.1:5000."),
        ("LINSHENG_TRANSLATOR_KEY", "a key", "LINSHENG_TRANSLATOR_KEY is set, but LINSHENG_TRANSLATOR is not."),
        ("LINSHENG_DEBUG", "maybe", "LINSHENG_DEBUG is 'maybe'; it takes true or false."),
    ],
)  # fmt: skip
def test_load_settings_refuses_with_the_variables_name_and_what_to_do(name: str, value: str, message: str) -> None:
    assert _refusal(NEEDED | {name: value}) == message


def test_settings_never_show_the_secret_when_printed() -> None:
    settings = load_settings(NEEDED | {"LINSHENG_TRANSLATOR": "http://127.0.0.1:5000", "LINSHENG_TRANSLATOR_KEY": "hush hush"})
    assert SECRET not in repr(settings)
    assert "hush hush" not in repr(settings)


def test_settings_know_cookies_and_the_sqlite_file() -> None:
    here = load_settings(NEEDED | {"LINSHENG_DATABASE": "sqlite:///data/x.sqlite"})
    there = load_settings(NEEDED | {"LINSHENG_DATABASE": "postgresql://db/x", "LINSHENG_URL": "https://x.cn"})

    assert (here.has_secure_cookies, here.sqlite_path) == (False, Path("data/x.sqlite"))
    assert (there.has_secure_cookies, there.sqlite_path) == (True, None)
    absolute = load_settings(NEEDED | {"LINSHENG_DATABASE": "sqlite:////var/lib/x.sqlite"})
    assert absolute.sqlite_path == Path("/var/lib/x.sqlite")


@given(
    st.builds(
        Settings,
        database=st.sampled_from(["sqlite:///x.sqlite", "postgresql://u@db/x"]),
        secret=st.text("abc-_", min_size=32, max_size=40),
        url=st.sampled_from(["http://127.0.0.1:8000", "https://survey.example.cn"]),
        trusted_proxy=st.sampled_from([None, "10.0.0.1"]),
        max_body=st.integers(10_000, 10**9),
        database_pool=st.integers(1, 100),
        api_schema=st.booleans(),
        debug=st.booleans(),
    )
)
def test_settings_reach_child_processes_unchanged(settings: Settings) -> None:
    assert load_settings(settings_environment(settings)) == settings


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_require_safe_address_lets_loopback_go_without_tls(host: str) -> None:
    require_safe_address(load_settings(NEEDED), host)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "survey.example.cn", "localhost.example.cn"])
def test_require_safe_address_refuses_phones_without_tls(host: str) -> None:
    plain = load_settings(NEEDED)
    with_certificate = dataclasses.replace(plain, tls_cert="c.pem", tls_key="k.pem")
    behind_proxy = dataclasses.replace(plain, trusted_proxy="10.0.0.1")

    with pytest.raises(SettingsInvalid) as refused:
        require_safe_address(plain, host)

    assert refused.value.message == (
        f"Serving on {host} without TLS is refused. Set LINSHENG_TLS_CERT and LINSHENG_TLS_KEY, or put a proxy with TLS "
        "in front and set LINSHENG_TRUSTED_PROXY to its address, or serve on 127.0.0.1."
    )
    require_safe_address(with_certificate, host)
    require_safe_address(behind_proxy, host)


@pytest.mark.parametrize(("proxy", "is_believed"), [("10.0.0.1", True), ("10.0.0.2", False), (None, False)])
async def test_trusted_proxy_is_believed_that_it_ended_tls_and_nobody_else_is(
    proxy: str | None, is_believed: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LINSHENG_SECRET", SECRET)
    monkeypatch.setenv("LINSHENG_DATABASE", f"sqlite:///{tmp_path / 'x.sqlite'}")
    monkeypatch.setenv("LINSHENG_TRUSTED_PROXY", proxy or "")
    transport = httpx.ASGITransport(app=application(), client=("10.0.0.1", 4000))

    async with httpx.AsyncClient(transport=transport, base_url="http://survey.example.cn") as client:
        response = await client.get(
            "/health/live", headers={"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"}
        )

    assert response.is_success
    assert ("Strict-Transport-Security" in response.headers) is is_believed


# docs/settings.md


def _documented() -> dict[str, str]:
    """The text under each heading that names a variable."""
    text = (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8")
    _, *parts = re.split(r"^## (?=LINSHENG_)", text, flags=re.MULTILINE)
    return {part.split("\n", 1)[0]: part.split("\n", 1)[1].strip() for part in parts}


def _meanings() -> dict[str, str]:
    """The string under each field of Settings."""
    [cls] = [node for node in ast.parse(inspect.getsource(settings_module)).body if isinstance(node, ast.ClassDef)]
    found = {}
    for field, string in zip(cls.body, cls.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(string, ast.Expr):
            assert isinstance(field.target, ast.Name)
            found[field.target.id] = str(ast.literal_eval(string.value))
    return found


def test_docs_name_every_setting_in_the_order_of_the_code() -> None:
    assert list(_documented()) == list(ENVIRONMENT)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_docs_give_a_settings_meaning_in_the_codes_own_words(name: str) -> None:
    first_paragraph = _documented()[name].split("\n\n", 1)[0]

    assert first_paragraph.replace("\n", " ") == _meanings()[ENVIRONMENT[name].name]


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_docs_give_a_settings_default(name: str) -> None:
    without = load_settings(NEEDED)
    default = getattr(without, ENVIRONMENT[name].name)

    [line] = re.findall(r"^- Default: (.*)$", _documented()[name], re.MULTILINE)

    written = {True: "`true`", False: "`false`", None: "none"}.get(default, f"`{default}`")
    assert line == ("none; it must be set" if name == "LINSHENG_SECRET" else written)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_docs_give_an_example_that_is_taken_and_is_not_the_default(name: str) -> None:
    [example] = re.findall(r"^- Example: `(.*)`$", _documented()[name], re.MULTILINE)
    pair = {"LINSHENG_TLS_CERT": "c.pem", "LINSHENG_TLS_KEY": "k.pem"} if "_TLS_" in name else {}
    pair |= {"LINSHENG_TRANSLATOR": "http://127.0.0.1:5000"} if name == "LINSHENG_TRANSLATOR_KEY" else {}

    settings = load_settings(NEEDED | pair | {name: example})

    assert getattr(settings, ENVIRONMENT[name].name) != ENVIRONMENT[name].default
    assert str(getattr(settings, ENVIRONMENT[name].name)).lower() == example.lower()


def test_no_file_names_a_variable_that_is_not_a_setting() -> None:
    files = [
        path
        for folder in ("survey", "analysis", "bench", "docs", "frontend")
        for path in (PROJECT / folder).rglob("*.*")
    ]
    files += [PROJECT / name for name in ("README.md", "Makefile", "CHANGELOG.md")]
    known = set(ENVIRONMENT) | {f"{name}_FILE" for name in ENVIRONMENT}

    named = {
        (path.relative_to(PROJECT).as_posix(), name)
        for path in files
        if path.suffix in {".py", ".md", ".html", ".mjs", ""} and path.is_file()
        for name in re.findall(r"\bLINSHENG_[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8"))
    }

    assert {(path, name) for path, name in named if name not in known} == set()
    assert ("survey/settings.py", "LINSHENG_SECRET") in named
