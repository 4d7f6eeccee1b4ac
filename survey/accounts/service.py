"""Accounts, sign-in and sessions. Not here: cookies and pages."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets

import msgspec

from survey import clock
from survey.accounts.passwords import hash_password, verify_password
from survey.accounts.rules import Actor, RoleKind, password_problem
from survey.accounts.tables import Account, OneTimeLink, Role, Session, TokenBucket
from survey.audit.service import record_act
from survey.db.columns import from_json
from survey.db.ids import new_public_id
from survey.db.transaction import write_transaction
from survey.errors import Conflict, InputInvalid, LinshengError, NotFound

SESSION_LASTS = dt.timedelta(hours=12)
LINK_LASTS = dt.timedelta(days=3)
SIGN_IN_TRIES = 10
"""Wrong passwords for one name in an hour: enough for a forgetful person, too few for guessing."""


class TooManyTries(LinshengError):
    status = 429


class PasswordRefused(InputInvalid):
    """`code` says what is wrong: too_short, too_long, too_common."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def create_account(*, name: str, roles: list[tuple[RoleKind, int | None]], password: str | None = None) -> int:
    """Create an account and return its id. Without a password it can sign in only after a one-time link."""
    async with write_transaction(Account):
        if await Account.exists().where(Account.name == name):
            raise Conflict(f"An account named {name} exists already.")
        rows = await Account.insert(
            Account(
                public_id=new_public_id(),
                name=name,
                password_hash=hash_password(password) if password else None,
                is_active=True,
                created_at=clock.now(),
            )
        ).returning(Account.id)
        account_id = int(rows[0]["id"])
        await Role.insert(*[Role(account=account_id, kind=kind, area=area) for kind, area in roles])
        await record_act(actor=name, role="", action="account.created", subject=f"account:{account_id}")
    return account_id


async def account_id(name: str) -> int:
    """Raise NotFound for a name that no account has."""
    row = await Account.select(Account.id).where(Account.name == name).first()
    if row is None:
        raise NotFound(f"There is no account named {name}.")
    return int(row["id"])


async def make_one_time_link(account_id: int) -> str:
    """Return a token that sets the account's password once, within LINK_LASTS. Only its hash is stored."""
    token = secrets.token_urlsafe(32)
    async with write_transaction(OneTimeLink):
        await OneTimeLink.insert(
            OneTimeLink(token_hash=_hash(token), account=account_id, expires_at=clock.now() + LINK_LASTS, used_at=None)
        )
    return token


async def first_administrator_link(name: str) -> str | None:
    """Return a token that sets the first administrator's password, creating the account; None once it has a password."""
    account = await Account.select(Account.id, Account.password_hash).where(Account.name == name).first()
    if account is None:
        return await make_one_time_link(await create_account(name=name, roles=[(RoleKind.ADMINISTRATOR, None)]))
    return None if account["password_hash"] else await make_one_time_link(account["id"])


async def find_link(token: str) -> str | None:
    """Return the account's name where the link can still be used."""
    row = await OneTimeLink.select(OneTimeLink.account.name.as_alias("name")).where(_usable(token)).first()
    return str(row["name"]) if row else None


async def set_password_by_link(token: str, password: str) -> None:
    """Raise PasswordRefused for a weak password, Conflict for a link that is used, expired or unknown."""
    name = await find_link(token)
    if name is None:
        raise Conflict("This link has been used or has expired.")
    problem = password_problem(password, name)
    if problem:
        raise PasswordRefused(problem)
    new_hash = hash_password(password)
    async with write_transaction(OneTimeLink):
        used = await (
            OneTimeLink.update({OneTimeLink.used_at: clock.now()}).where(_usable(token)).returning(OneTimeLink.account)
        )
        if not used:
            raise Conflict("This link has been used or has expired.")
        account_id = used[0]["account"]
        await Account.update({Account.password_hash: new_hash}).where(Account.id == account_id)
        await Session.delete().where(Session.account == account_id)
        await record_act(actor=name, role="", action="account.password_set", subject=f"account:{account_id}")


def _usable(token: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 -- piccolo's untyped condition
    return (
        (OneTimeLink.token_hash == _hash(token))
        & OneTimeLink.used_at.is_null()
        & (OneTimeLink.expires_at > clock.now())
    )


async def sign_in(*, name: str, password: str, secret: str) -> str | None:
    """Return a new session's token, or None for a wrong name or password. Raise TooManyTries past the limit."""
    key_hash = _bucket(f"sign-in:{name.casefold()}", secret)
    await _take_try(key_hash)
    account = await Account.select(Account.id, Account.password_hash).where(
        (Account.name == name) & (Account.is_active == True)  # noqa: E712 -- piccolo's condition
    ).first()
    is_right = await verify_password(account["password_hash"] if account else None, password)
    if not account or not is_right:
        return None
    role = await Role.select(Role.id, Role.kind).where(Role.account == account["id"]).order_by(Role.id).first()
    if role is None:
        return None
    token = secrets.token_urlsafe(32)
    async with write_transaction(Session):
        await Session.delete().where(Session.expires_at < clock.now())
        await TokenBucket.delete().where(TokenBucket.updated_at < clock.now() - dt.timedelta(days=1))
        await Session.insert(
            Session(
                token_hash=_hash(token), account=account["id"], role=role["id"], expires_at=clock.now() + SESSION_LASTS
            )
        )
        await record_act(actor=name, role=role["kind"], action="session.started", subject=f"account:{account['id']}")
    await _give_try_back(key_hash)
    return token


async def sign_out(token: str) -> None:
    async with write_transaction(Session):
        await Session.delete().where(Session.token_hash == _hash(token))


async def find_actor(token: str) -> Actor | None:
    """Return who is signed in with this token, or None for an unknown or expired one."""
    row = await (
        Session.select(
            Session.id,
            Session.account,
            Session.account.name.as_alias("name"),
            Session.role.kind.as_alias("kind"),
            Session.role.area.as_alias("area"),
            Session.role.area.names.as_alias("area_names"),  # type: ignore[union-attr]  # a join
        )
        .where(
            (Session.token_hash == _hash(token))
            & (Session.expires_at > clock.now())
            & (Session.account.is_active == True)  # noqa: E712 -- piccolo's condition
        )
        .first()
    )
    if row is None:
        return None
    return Actor(
        account_id=row["account"],
        name=row["name"],
        role=RoleKind(row["kind"]),
        area_id=row["area"],
        session_id=row["id"],
        area_names=from_json(row["area_names"], dict[str, str]) if row["area_names"] else {},
        has_other_roles=await Role.count().where(Role.account == row["account"]) > 1,
    )


class RoleView(msgspec.Struct, frozen=True):
    id: int
    kind: RoleKind
    area_id: int | None
    area_names: dict[str, str]


async def list_roles(account_id: int) -> list[RoleView]:
    """All that a person may act as, the first one given first."""
    rows = await (
        Role.select(Role.id, Role.kind, Role.area, Role.area.names.as_alias("area_names"))
        .where(Role.account == account_id)
        .order_by(Role.id)
    )
    return [
        RoleView(
            id=row["id"], kind=RoleKind(row["kind"]), area_id=row["area"],
            area_names=from_json(row["area_names"], dict[str, str]) if row["area_names"] else {},
        )
        for row in rows
    ]  # fmt: skip


async def choose_role(actor: Actor, role_id: int) -> None:
    """Act in another of one's own roles from now on, in this browser. Raises NotFound for anybody else's."""
    async with write_transaction(Session):
        role = await Role.select(Role.kind).where((Role.id == role_id) & (Role.account == actor.account_id)).first()
        if role is None:
            raise NotFound("There is no such role.")
        await Session.update({Session.role: role_id}).where(Session.id == actor.session_id)
        await record_act(actor=actor.name, role=role["kind"], action="role.chosen", subject=f"role:{role_id}")


async def grant_role(account_id: int, kind: RoleKind, area_id: int | None) -> None:
    """Let an account act in one more role. Raises Conflict where it has it already."""
    async with write_transaction(Role):
        if any((role.kind, role.area_id) == (kind, area_id) for role in await list_roles(account_id)):
            raise Conflict("The account has this role already.")
        await Role.insert(Role(account=account_id, kind=kind, area=area_id))
        await record_act(
            actor="", role="", action="role.granted", subject=f"account:{account_id}", data={"role": kind, "area": area_id}
        )


async def revoke_role(account_id: int, kind: RoleKind, area_id: int | None) -> None:
    """Take a role away, at once: browsers that act in it are signed out. Raises NotFound where the account does not have it."""
    async with write_transaction(Role):
        role = next((role for role in await list_roles(account_id) if (role.kind, role.area_id) == (kind, area_id)), None)
        if role is None:
            raise NotFound("The account does not have this role.")
        await Role.delete().where(Role.id == role.id)
        await record_act(
            actor="", role="", action="role.revoked", subject=f"account:{account_id}", data={"role": kind, "area": area_id}
        )


def _bucket(key: str, secret: str) -> str:
    """Return the key's hash, so that the table tells no names."""
    return hmac.new(secret.encode(), key.encode(), hashlib.sha256).hexdigest()


async def _take_try(key_hash: str) -> None:
    """Take one of SIGN_IN_TRIES tokens, which come back over an hour. Raise TooManyTries where none is left."""
    now = clock.now()
    async with write_transaction(TokenBucket):
        row = await TokenBucket.select().where(TokenBucket.key_hash == key_hash).first()
        if row is None:
            await TokenBucket.insert(TokenBucket(key_hash=key_hash, tokens=SIGN_IN_TRIES - 1, updated_at=now))
            return
        regained = (now - row["updated_at"]).total_seconds() / 3600 * SIGN_IN_TRIES
        tokens = min(float(SIGN_IN_TRIES), row["tokens"] + regained)
        if tokens < 1:
            raise TooManyTries("Too many tries for this account. Wait ten minutes and try again.")
        await TokenBucket.update({TokenBucket.tokens: tokens - 1, TokenBucket.updated_at: now}).where(
            TokenBucket.key_hash == key_hash
        )


async def _give_try_back(key_hash: str) -> None:
    """Only wrong passwords use up tries. One comes back, not all: a right password does not clear what others guessed."""
    async with write_transaction(TokenBucket):
        row = await TokenBucket.select(TokenBucket.tokens).where(TokenBucket.key_hash == key_hash).first()
        if row is not None:
            await TokenBucket.update({TokenBucket.tokens: row["tokens"] + 1}).where(TokenBucket.key_hash == key_hash)
