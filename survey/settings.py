"""Settings, read from `LINSHENG_*` environment variables. docs/settings.md documents each; a test holds it to this file."""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from survey.errors import SettingsInvalid


@dataclass(frozen=True, kw_only=True)
class Settings:
    database: str = field(metadata={"env": "LINSHENG_DATABASE"})
    """`sqlite:///path/to/file.sqlite` (three slashes: relative, four: absolute) or `postgresql://user:password@host/name`."""

    secret: str = field(repr=False, metadata={"env": "LINSHENG_SECRET"})
    """At least 32 characters. Receipt codes are derived from it: keep it with the backups and never change it."""

    url: str = field(default="http://127.0.0.1:8000", metadata={"env": "LINSHENG_URL"})
    """The public address, used in QR codes, posters and links."""

    tls_cert: str | None = field(default=None, metadata={"env": "LINSHENG_TLS_CERT"})
    """Path of the TLS certificate (PEM)."""

    tls_key: str | None = field(default=None, metadata={"env": "LINSHENG_TLS_KEY"})
    """Path of the certificate's private key (PEM)."""

    trusted_proxy: str | None = field(default=None, metadata={"env": "LINSHENG_TRUSTED_PROXY"})
    """Address of the proxy in front, which ends TLS and sets X-Forwarded-For and X-Forwarded-Proto. Unset: such headers are ignored."""

    max_body: int = field(default=1_000_000, metadata={"env": "LINSHENG_MAX_BODY"})
    """Largest accepted request body in bytes."""

    database_pool: int = field(default=10, metadata={"env": "LINSHENG_DATABASE_POOL"})
    """Connections to PostgreSQL that each process keeps at most."""

    embedder: str | None = field(default=None, metadata={"env": "LINSHENG_EMBEDDER"})
    """An embedding model of your own, for the analysis: `model2vec:/folder` or `sentence-transformers:/folder`."""

    translator: str | None = field(default=None, metadata={"env": "LINSHENG_TRANSLATOR"})
    """Address of a LibreTranslate server of your own, which puts masked answers into Chinese for the desk. Unset: nothing is sent anywhere."""

    translator_key: str | None = field(default=None, repr=False, metadata={"env": "LINSHENG_TRANSLATOR_KEY"})
    """The key that this server asks for, if it asks for one."""
    directories: str | None = field(default=None, metadata={"env": "LINSHENG_DIRECTORIES"})
    """A folder with service directories of your own (YAML), beside or instead of the bundled ones."""

    indicators: int = field(default=12, metadata={"env": "LINSHENG_INDICATORS"})
    """How many guidance indicators an area may have at one time, 1 to 12."""

    api_schema: bool = field(default=True, metadata={"env": "LINSHENG_API_SCHEMA"})
    """Whether the OpenAPI description is served at /api/schema."""

    debug: bool = field(default=False, metadata={"env": "LINSHENG_DEBUG"})
    """Log every request. Never shows a traceback to a visitor."""

    @property
    def has_secure_cookies(self) -> bool:
        return urlsplit(self.url).scheme == "https"

    @property
    def sqlite_path(self) -> Path | None:
        return Path(self.database.removeprefix("sqlite:///")) if self.database.startswith("sqlite:///") else None


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    A name with `_FILE` appended (LINSHENG_SECRET_FILE) names a file that holds the value. Raises SettingsInvalid with
    the variable's name and what to do.
    """
    env = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for item in fields(Settings):
        name = item.metadata["env"]
        raw = read_setting(name, env)
        if raw is not None:
            values[item.name] = _convert(name, raw, str(item.type))
    values.setdefault("database", "sqlite:///linsheng.sqlite")
    if "secret" not in values:
        raise SettingsInvalid(
            "LINSHENG_SECRET is not set. Make one with: "
            f"export LINSHENG_SECRET={secrets.token_urlsafe(32)} (an example; keep yours with the backups)"
        )
    settings = Settings(**values)
    _check(settings)
    return settings


def require_safe_address(settings: Settings, host: str) -> None:
    """Refuse to serve phones without TLS: they would get no secure cookie and no service worker."""
    if settings.tls_cert or settings.trusted_proxy or _is_loopback(host):
        return
    raise SettingsInvalid(
        f"Serving on {host} without TLS is refused. Set LINSHENG_TLS_CERT and LINSHENG_TLS_KEY, or put a proxy with TLS "
        "in front and set LINSHENG_TRUSTED_PROXY to its address, or serve on 127.0.0.1."
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_setting(name: str, env: Mapping[str, str]) -> str | None:
    """Return the value of a variable, or of the file that `NAME_FILE` names. Raises SettingsInvalid for a file that cannot be read."""
    if env.get(name):
        return env[name]
    path = env.get(f"{name}_FILE")
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsInvalid(f"{name}_FILE: {path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise SettingsInvalid(f"{name}_FILE: {path} is not UTF-8 text.") from error


def _convert(name: str, raw: str, kind: str) -> object:
    if kind == "bool":
        if raw.lower() in {"1", "true", "yes", "on"}:
            return True
        if raw.lower() in {"0", "false", "no", "off"}:
            return False
        raise SettingsInvalid(f"{name} is {raw!r}; it takes true or false.")
    if kind == "int":
        try:
            return int(raw)
        except ValueError:
            raise SettingsInvalid(f"{name} is {raw!r}; it takes a whole number.") from None
    return raw


def _check(settings: Settings) -> None:
    if not settings.database.startswith(("sqlite:///", "postgresql://")):
        raise SettingsInvalid("LINSHENG_DATABASE takes sqlite:///path or postgresql://user:password@host/name.")
    if len(settings.secret) < 32:
        raise SettingsInvalid("LINSHENG_SECRET is shorter than 32 characters; make a longer one.")
    if not _is_web_address(settings.url):
        raise SettingsInvalid("LINSHENG_URL takes an address such as https://survey.example.cn.")
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise SettingsInvalid("LINSHENG_TLS_CERT and LINSHENG_TLS_KEY belong together; one of them is missing.")
    if settings.max_body < 10_000:
        raise SettingsInvalid("LINSHENG_MAX_BODY is smaller than a survey's answers; use at least 10000.")
    if settings.database_pool < 1:
        raise SettingsInvalid("LINSHENG_DATABASE_POOL is smaller than 1; a process needs a connection.")
    if not 1 <= settings.indicators <= 12:
        raise SettingsInvalid("LINSHENG_INDICATORS takes 1 to 12: more indicators are more than anybody can act on.")
    if settings.embedder and not settings.embedder.startswith(("model2vec:", "sentence-transformers:")):
        raise SettingsInvalid("LINSHENG_EMBEDDER takes model2vec:/folder or sentence-transformers:/folder.")
    if settings.translator and not _is_web_address(settings.translator):
        raise SettingsInvalid("LINSHENG_TRANSLATOR takes an address such as http://127.0.0.1:5000.")
    if settings.translator_key and not settings.translator:
        raise SettingsInvalid("LINSHENG_TRANSLATOR_KEY is set, but LINSHENG_TRANSLATOR is not.")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets of an IPv6 address that do not close
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
