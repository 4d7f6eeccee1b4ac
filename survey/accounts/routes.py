"""Signing in and out, and setting a password by a one-time link."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Redirect

from survey.accounts import service
from survey.accounts.guards import FOR_EVERYBODY, needs, requires_sign_in, session_cookie_name
from survey.accounts.pages import actor_of, desk_page
from survey.accounts.queries import area_parents
from survey.accounts.rules import Right, covers_all, desk_homes
from survey.audit.queries import PAGE, list_acts
from survey.errors import Conflict, InputInvalid, NotFound
from survey.web.forms import first, read_form, whole_number
from survey.web.pages import DESK_LANGUAGE_COOKIE, desk_language, html
from survey.web.request import WebRequest


def safe_next(target: str) -> str:
    """Return a local path to go on to; anything else becomes the desk (open redirects: ASVS 3.7.2)."""
    is_local = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if is_local else "/desk"


class SignInController(Controller):
    path = "/"
    include_in_schema = False

    @get("/login", name="accounts.login")
    async def show(self, request: WebRequest) -> Response[Any]:
        """Who is signed in already, and wants no page in particular, is led to where their work lies."""
        wanted = request.query_params.get("next")
        if wanted is None:
            token = request.cookies.get(session_cookie_name(is_secure=request.app.state.settings.has_secure_cookies))
            actor = await service.find_actor(token) if token else None
            if actor is not None:
                return Redirect(desk_homes(actor)[0], status_code=303)
        return self._page(request, next_path=safe_next(wanted or "/desk"))

    @post("/login", name="accounts.sign_in", status_code=303)
    async def sign_in(self, request: WebRequest) -> Response[Any]:
        fields = await read_form(request)
        next_path = safe_next(first(fields, "next") or "/desk")
        name = first(fields, "name")
        settings = request.app.state.settings
        try:
            token = await service.sign_in(name=name, password=(fields.get("password") or [""])[0], secret=settings.secret)
        except service.TooManyTries:
            return self._page(request, next_path=next_path, name=name, problem="too_many", status=429)
        if token is None:
            return self._page(request, next_path=next_path, name=name, problem="wrong", status=422)
        actor = await service.find_actor(token)
        if actor is not None and not any(next_path.startswith(home) for home in desk_homes(actor)):
            next_path = desk_homes(actor)[0]  # all other pages are shut to them
        response = Redirect(next_path, status_code=303)
        response.set_cookie(_session_cookie(token, is_secure=settings.has_secure_cookies))
        return response

    @post("/logout", name="accounts.sign_out", status_code=303)
    async def sign_out(self, request: WebRequest) -> Redirect:
        is_secure = request.app.state.settings.has_secure_cookies
        token = request.cookies.get(session_cookie_name(is_secure=is_secure))
        if token:
            await service.sign_out(token)
        response = Redirect("/login", status_code=303)
        response.set_cookie(_session_cookie("", is_secure=is_secure, max_age=0))
        return response

    @get("/welcome/{token:str}", name="accounts.welcome")
    async def show_link(self, request: WebRequest, token: FromPath[str]) -> Response[bytes]:
        name = await service.find_link(token)
        return self._welcome(request, name=name, status=200 if name else 404)

    @post("/welcome/{token:str}", name="accounts.set_password", status_code=303)
    async def use_link(self, request: WebRequest, token: FromPath[str]) -> Response[Any]:
        fields = await read_form(request)
        password = (fields.get("password") or [""])[0]
        name = await service.find_link(token)
        if name is not None and password != (fields.get("again") or [""])[0]:
            return self._welcome(request, name=name, problem="differ", status=422)
        try:
            await service.set_password_by_link(token, password)
        except service.PasswordRefused as refused:
            return self._welcome(request, name=name, problem=refused.code, status=422)
        except Conflict:
            return self._welcome(request, name=None, status=404)
        return Redirect("/login", status_code=303)

    @get("/desk/language/{tag:str}", name="accounts.desk_language", status_code=303)
    async def choose_language(self, request: WebRequest, tag: FromPath[str]) -> Redirect:
        response = Redirect(safe_next(request.query_params.get("next", "/desk")), status_code=303)
        response.set_cookie(
            Cookie(
                key=DESK_LANGUAGE_COOKIE, value=tag if tag in {"zh-Hans", "en"} else "zh-Hans", path="/", samesite="lax",
                secure=request.app.state.settings.has_secure_cookies, httponly=True, max_age=365 * 86400,
            )
        )  # fmt: skip
        return response

    @staticmethod
    def _page(
        request: WebRequest, *, next_path: str, name: str = "", problem: str = "", status: int = 200
    ) -> Response[bytes]:
        return html(
            request, "desk/login.html", desk_language(request), domain="desk", status=status,
            next_path=next_path, name=name, problem=problem,
        )  # fmt: skip

    @staticmethod
    def _welcome(request: WebRequest, *, name: str | None, problem: str = "", status: int = 200) -> Response[bytes]:
        return html(
            request, "desk/welcome.html", desk_language(request), domain="desk", status=status, name=name, problem=problem
        )


class RoleController(Controller):
    """One acts in one role at a time; pages and the log say in which."""

    path = "/desk/role"
    guards = [requires_sign_in]
    opt = FOR_EVERYBODY
    include_in_schema = False

    @get("/", name="accounts.roles")
    async def show(self, request: WebRequest) -> Response[bytes]:
        roles = await service.list_roles(actor_of(request).account_id)
        return desk_page(request, "desk/role.html", here="role", roles=roles, is_done="done" in request.query_params)

    @post("/", name="accounts.choose_role", status_code=303)
    async def choose(self, request: WebRequest) -> Redirect:
        role = whole_number(first(await read_form(request), "role"), 15)
        if role is None:
            raise InputInvalid("Please choose one of your roles.")
        await service.choose_role(actor_of(request), role)
        return Redirect("/desk/role?done=1", status_code=303)


class AuditController(Controller):
    """The log of the whole installation: for roles that cover the whole of it."""

    path = "/desk/log"
    guards = [requires_sign_in]
    opt = needs(Right.AUDIT)
    include_in_schema = False

    @get("/", name="accounts.log")
    async def show(self, request: WebRequest) -> Response[bytes]:
        if not covers_all(actor_of(request), await area_parents()):
            raise NotFound("Nothing is here.")
        before, person = whole_number(request.query_params.get("before", ""), 15), request.query_params.get("person", "").strip()[:80]
        acts = await list_acts(actor=person, before=before)
        return desk_page(request, "desk/log.html", here="log", acts=acts, person=person, is_full=len(acts) == PAGE)


def _session_cookie(token: str, *, is_secure: bool, max_age: int | None = None) -> Cookie:
    return Cookie(
        key=session_cookie_name(is_secure=is_secure),
        value=token,
        path="/",
        httponly=True,
        secure=is_secure,
        samesite="lax",
        max_age=int(service.SESSION_LASTS.total_seconds()) if max_age is None else max_age,
    )
