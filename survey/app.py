"""The composition root: settings in, application out. Nothing else wires features together."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

from litestar import Litestar, Response, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.logging import StructLoggingConfig
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.response import Redirect

from survey import __version__
from survey.accounts.guards import SignInNeeded
from survey.accounts.routes import AuditController, RoleController, SignInController
from survey.db.engine import bind_engine, make_engine, open_engine
from survey.db.group_commit import GroupCommitter
from survey.db.migrate import pending_migrations
from survey.errors import LinshengError
from survey.feedback.routes import ReceiptController
from survey.inbox.conduct_routes import ConductController
from survey.inbox.rendering_routes import RenderingsController
from survey.inbox.routes import InboxController
from survey.inbox.statement_routes import StatementController
from survey.insight.compare_routes import CompareController
from survey.insight.directory_routes import FacilityWordsController, PlacesController
from survey.insight.facility_routes import FacilitiesController
from survey.insight.indicator_routes import IndicatorsController
from survey.insight.invitation_routes import InvitationsController
from survey.insight.numbers_routes import ChartFilesController, NumbersController
from survey.insight.partner_routes import PartnerController
from survey.insight.routes import ChannelsController, DeskController
from survey.insight.wave_routes import WavesController
from survey.jobs.repeating import repeating
from survey.outreach.event_routes import EventDeskController, EventsController
from survey.outreach.funnel import FLUSH_SECONDS, Funnel
from survey.outreach.invitation_routes import InvitationController
from survey.outreach.poster_routes import PartnerPosterController, PosterController
from survey.outreach.routes import ChannelController, ShortController, StartController
from survey.plans.routes import PlanController, PlansController
from survey.responses.assist_routes import AssistController
from survey.responses.draft_routes import ResumeController
from survey.responses.drafts import delete_expired_drafts
from survey.responses.intake import Intake
from survey.responses.routes import HomeController, ResponsesApi, SurveyController
from survey.responses.service import Recorder
from survey.settings import Settings
from survey.tables import ALL_TABLES
from survey.themes.directories import load_directories
from survey.themes.directory_routes import DirectoryController, ThemeDirectoryController
from survey.themes.review_routes import MeetingController, MeetingsController, ThemeReviewController
from survey.themes.routes import BoardController
from survey.themes.theme_routes import ThemeController
from survey.themes.unsorted_routes import UnsortedController
from survey.web.assets import service_worker, static_file
from survey.web.limits import Limits
from survey.web.problems import on_expected_error, on_failure, on_http_error
from survey.web.request import WebRequest
from survey.web.routes import accessibility
from survey.web.security import RefuseUnwanted, add_security_headers

DRAFTS_LOOKED_AT_EVERY = 600.0
"""Seconds between two looks for drafts that are too old."""


def create_app(settings: Settings) -> Litestar:
    """Build the application. It opens the database, and starts its one writer, when it starts to serve."""
    engine = make_engine(settings)
    bind_engine(engine, ALL_TABLES)
    load_directories(settings.directories)  # a file that cannot be used ends the start, not somebody's page

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        committer, funnel = GroupCommitter(Recorder(settings.secret).record), Funnel()
        async with (
            open_engine(engine, pool_size=settings.database_pool),
            committer.running(),
            repeating(delete_expired_drafts, DRAFTS_LOOKED_AT_EVERY),
            repeating(funnel.flush, FLUSH_SECONDS, at_end=True, failure="counts were not written"),
        ):
            app.state.intake = Intake(committer)
            app.state.funnel = funnel
            yield

    return Litestar(
        route_handlers=[HomeController, SurveyController, ReceiptController, SignInController, RoleController, AuditController, DeskController,
                        BoardController, ThemeController, UnsortedController, NumbersController, ChartFilesController, PlansController, PlanController, ResponsesApi,
                        EventsController, EventDeskController, ResumeController, PosterController, PartnerPosterController,
                        InvitationController, AssistController, InvitationsController, FacilitiesController,
                        ChannelsController, PartnerController, ChannelController, ShortController, StartController,
                        InboxController, ConductController, StatementController, RenderingsController,
                        CompareController, IndicatorsController,
                        ThemeReviewController, MeetingsController, MeetingController, DirectoryController, ThemeDirectoryController,
                        WavesController, PlacesController, FacilityWordsController,
                        static_file, service_worker, accessibility, live, ready],
        lifespan=[lifespan],
        state=State({"settings": settings, "engine": engine, "limits": Limits()}),
        middleware=[RefuseUnwanted()],
        before_send=[add_security_headers],
        exception_handlers={
            SignInNeeded: _to_sign_in,
            LinshengError: on_expected_error,
            HTTPException: on_http_error,
            Exception: on_failure,
        },
        request_max_body_size=settings.max_body,
        multipart_form_part_limit=2000,
        openapi_config=_openapi() if settings.api_schema else None,
        # Little is logged, so nothing is gained by a logger that goes on writing to the stream of the first app.
        logging_config=StructLoggingConfig(log_exceptions="never", cache_logger_on_first_use=False),
        debug=False,
    )  # fmt: skip


@get("/health/live", name="health.live", include_in_schema=False, sync_to_thread=False)
def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok", "version": __version__}


@get("/health/ready", name="health.ready", include_in_schema=False)
async def ready(request: WebRequest) -> Response[dict[str, str]]:
    """The database answers and its schema is the one that this version needs."""
    missing = await pending_migrations(request.app.state.engine)
    if missing:
        return Response({"status": "migrations missing", "missing": ", ".join(missing)}, status_code=503)
    return Response({"status": "ok"})


def _to_sign_in(request: WebRequest, _: SignInNeeded) -> Response[Any]:
    target = request.url.path if request.method == "GET" else "/desk"
    return Redirect(f"/login?{urlencode({'next': target}, safe='/')}", status_code=303)


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Linsheng", version=__version__, path="/api/schema", render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        use_handler_docstrings=True,
    )  # fmt: skip


