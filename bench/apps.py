"""What the application is compared with: the same checks with no storage, and with one transaction per request.

Neither has the application's security headers, cross-site check or error pages: what they leave out favours them. What the
application does for its own speed (survey/cli/asgi.py: the garbage collector) is its own: they run as the framework comes.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from litestar import Litestar, Response, post
from litestar.params import JSONBody
from litestar.types import ASGIApp
from piccolo.engine.sqlite import SQLiteEngine

from bench.bodies import FORM_FILE, SLUG
from survey.cli.asgi import application
from survey.db.engine import bind_engine, make_engine, open_engine
from survey.db.transaction import write_transaction
from survey.questionnaire.answers import FormChecker
from survey.questionnaire.form import read_form
from survey.responses.intake import Intake
from survey.responses.routes import ResponsesApi
from survey.responses.rules import Submission, receipt_code
from survey.responses.schemas import ReceiptReply, SubmissionRequest
from survey.responses.service import Receipt, Recorder
from survey.responses.tables import Response as ResponseTable
from survey.settings import load_settings
from survey.tables import ALL_TABLES
from survey.web.limits import RULES, Rule


def unlimited() -> ASGIApp:
    """The application as it is served, but for the limits by channel, which the load of one second would reach."""
    RULES.update(dict.fromkeys(RULES, Rule(10**9, 10**9)))
    return application()


def bare() -> Litestar:
    """Parse and check a body, answer with a receipt, store nothing."""
    settings = load_settings()
    checker = FormChecker(read_form(FORM_FILE.read_bytes()))

    @post(f"/api/v1/surveys/{SLUG}/responses", status_code=201)
    async def create(data: JSONBody[SubmissionRequest]) -> Response[ReceiptReply]:
        if checker.check(data.answers).problems:
            return Response(None, status_code=422)  # type: ignore[arg-type]  # never happens with valid answers
        code = receipt_code(settings.secret, SLUG, data.client_id)
        return Response(ReceiptReply(receipt=code, survey=SLUG, is_repeat=False), status_code=201)

    return Litestar([create], openapi_config=None)


def naive() -> Litestar:
    """The application's own handler and rows, but a transaction per request.

    SQLite: Piccolo's engine as it comes (a connection per query and per transaction, waiting five seconds for a lock),
    with BEGIN IMMEDIATE; the database has the rollback journal. PostgreSQL: Piccolo's engine with the pool.
    """
    return _naive(is_deferred=False)


def naive_deferred() -> Litestar:
    """As `naive`, with Piccolo's default BEGIN. On SQLite two of them that read before they write lock each other out."""
    return _naive(is_deferred=True)


def _naive(*, is_deferred: bool) -> Litestar:
    settings = load_settings()
    path = settings.sqlite_path
    engine = make_engine(settings) if path is None else SQLiteEngine(path=str(path))
    bind_engine(engine, ALL_TABLES)

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_engine(engine, pool_size=settings.database_pool):
            recorder = Recorder(settings.secret)
            app.state.intake = Intake(_Deferred(recorder) if is_deferred else _OneByOne(recorder))  # type: ignore[arg-type]  # they stand in for the committer
            yield

    return Litestar([ResponsesApi], lifespan=[lifespan], openapi_config=None)


class _OneByOne:
    """Stands where the group committer stands."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def _transaction(self) -> Any:
        return write_transaction(ResponseTable)

    async def submit(self, submission: Submission) -> Receipt:
        async with self._transaction():
            [result] = await self._recorder.record_inside([submission])
        if isinstance(result, Exception):
            raise result
        return result


class _Deferred(_OneByOne):
    def _transaction(self) -> Any:
        return ResponseTable._meta.db.transaction()  # noqa: SLF001 -- piccolo's own attribute
