"""The application as a whole: health, the description of its interface, what it needs to start."""

from __future__ import annotations

import httpx
import pytest
import structlog
import structlog.testing
from piccolo.apps.migrations.tables import Migration

from survey import __version__
from survey.app import create_app
from survey.authoring.tables import Survey
from survey.settings import Settings
from tests.conftest import SECRET, bundled_survey, running
from tests.pages import PageClient, check_headers

DESCRIPTION = ["/api/schema", "/api/schema/openapi.json"]


async def test_live_answers_with_the_version(client: httpx.AsyncClient):
    response = await client.get("/health/live")

    assert response.json() == {"status": "ok", "version": __version__}
    assert response.headers["cache-control"] == "no-store"


async def test_live_answers_while_the_database_fails(client: httpx.AsyncClient):
    await Survey.raw("ALTER TABLE survey RENAME TO taken_away")

    assert (await client.get("/")).status_code == 500
    assert (await client.get("/health/live")).json()["status"] == "ok"


async def test_ready_answers_when_the_schema_is_there(settings: Settings):
    async with running(create_app(settings)) as http:
        response = await http.get("/health/ready")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_ready_tells_which_migrations_are_missing(settings: Settings):
    async with running(create_app(settings)) as http:
        await http.get("/health/ready")  # binds piccolo's own table to this database
        names = [row["name"] for row in await Migration.select(Migration.name).order_by(Migration.name)]
        await Migration.delete().where(Migration.name == names[-1])

        response = await http.get("/health/ready")

    check_headers(response)
    assert (response.status_code, response.json()) == (503, {"status": "migrations missing", "missing": names[-1]})


async def test_ready_is_not_ok_when_the_database_is_empty(tmp_path):
    empty = Settings(database=f"sqlite:///{tmp_path / 'empty.sqlite'}", secret=SECRET)
    async with running(create_app(empty)) as http:
        response = await http.get("/health/ready")

    assert response.status_code == 503


@pytest.mark.parametrize("address", DESCRIPTION)
async def test_description_of_the_interface_holds_the_interface_and_nothing_else(client: httpx.AsyncClient, address: str):
    """Pages for people are not described: a list of the desk's addresses is nobody's business."""
    response = await client.get(address)

    described = response.json()
    assert described["openapi"].startswith("3.1")
    assert described["info"] == {"title": "Linsheng", "version": __version__}
    assert {path: sorted(item) for path, item in described["paths"].items()} == {
        "/api/v1/surveys/{slug}/responses": ["post"]
    }
    assert set(described["components"]["schemas"]) >= {"SubmissionRequest", "ReceiptReply"}


async def test_description_names_every_answer_of_the_intake_and_its_shape(client: httpx.AsyncClient) -> None:
    described = (await client.get("/api/schema/openapi.json")).json()

    answers = described["paths"]["/api/v1/surveys/{slug}/responses"]["post"]["responses"]
    shapes = {
        status: answer["content"]["application/json"]["schema"].get("$ref", "").rpartition("/")[2]
        for status, answer in answers.items()
    }
    assert {status: shapes[status] for status in ("201", "409", "410", "422")} == {
        "201": "ReceiptReply", "409": "Refusal", "410": "Refusal", "422": "AnswersReply",
    }  # fmt: skip


@pytest.mark.parametrize("address", [*DESCRIPTION, "/schema", "/schema/openapi.json", "/docs"])
async def test_description_can_be_switched_off(sqlite_settings: Settings, address: str):
    quiet = Settings(database=sqlite_settings.database, secret=SECRET, api_schema=False)
    async with running(create_app(quiet)) as http:
        response = await http.get(address)

    assert response.status_code == 404
    assert "SubmissionRequest" not in response.text


async def test_interface_works_without_its_description(sqlite_settings: Settings):
    quiet = Settings(database=sqlite_settings.database, secret=SECRET, api_schema=False)
    answers = {"subdistrict": "wangjing", "time_in_beijing": "2_to_5_years", "origin": "mainland"}
    async with running(create_app(quiet)) as http:
        await bundled_survey()
        response = await http.post(
            "/api/v1/surveys/community-needs/responses",
            json={"client_id": "a-phone-0123456789", "language": "en", "answers": answers},
        )

    assert (response.status_code, response.json()["is_repeat"]) == (201, False)


@pytest.mark.parametrize("default", ["/schema", "/schema/openapi.json", "/schema/swagger", "/schema/redoc"])
async def test_description_is_not_at_the_frameworks_own_address(client: httpx.AsyncClient, default: str):
    assert (await PageClient(client).get(default, status=404)).h1 == "Nothing is here"


def test_logger_that_an_app_has_used_still_goes_where_it_is_told(sqlite_settings: Settings) -> None:
    """A logger kept from the first app writes to a stream that may be closed by then, and what fails to be logged ends its timer."""
    log = structlog.get_logger()
    create_app(sqlite_settings)
    log.warning("before")

    with structlog.testing.capture_logs() as logs:
        log.warning("after")

    assert [line["event"] for line in logs] == ["after"]
