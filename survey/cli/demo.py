"""linsheng demo: everything with fictional data, ready to look around."""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
from pathlib import Path

import msgspec
import rich_click as click
from rich.progress import Progress

from survey import clock
from survey.accounts.areas import create_bundled_areas
from survey.accounts.queries import area_ids, area_names
from survey.accounts.rules import Actor, RoleKind
from survey.accounts.service import create_account
from survey.authoring.queries import find_survey
from survey.authoring.service import BUNDLED, bundled_form, create_survey, open_survey
from survey.authoring.waves import WaveDraft, start_wave
from survey.cli.context import get_engine, open_database, progress, run
from survey.cli.serve import serve_forever
from survey.db.migrate import migrate
from survey.db.transaction import fold_wal
from survey.demo.answers import BETWEEN_WAVES, DAYS, day_of, fictional_answers, fictional_renderings
from survey.demo.facilities import FACILITIES, fictional_counts, fictional_words, registered_facilities
from survey.demo.indicators import INDICATORS
from survey.demo.review import MEETINGS, PLACE, FictionalItem
from survey.errors import InputInvalid
from survey.fonts import APT_LINE, has_cjk_font
from survey.insight.facilities import FacilityDraft, Words, create_facility, known_facilities, store_counts
from survey.insight.facility_import import check_rows
from survey.insight.facility_words import show_facility, write_words
from survey.insight.indicator_figures import Direction
from survey.insight.indicators import IndicatorDraft, create_indicator
from survey.insight.service import draw_charts
from survey.outreach.events import EventDraft, create_event
from survey.outreach.rules import ChannelKind
from survey.outreach.service import add_channel
from survey.questionnaire.form import Texts
from survey.responses.intake import entrance_to
from survey.responses.queries import has_answers_in
from survey.responses.rules import Submission
from survey.responses.service import Recorder
from survey.settings import Settings
from survey.statements.queries import full_statements, list_statements, versions_of
from survey.statements.renderings import accept_rendering, write_rendering
from survey.statements.rules import Audience
from survey.themes.agenda import MotionDraft, load_agenda
from survey.themes.comments import write_comment
from survey.themes.meetings import GuestDraft, MeetingDraft, MeetingView, candidates, convene
from survey.themes.queries import ThemeView, list_themes
from survey.themes.rules import Act, Choice
from survey.themes.runs import analyse_survey
from survey.themes.votes import cast_vote, close_vote, put_motion

DATABASE = "linsheng.sqlite"
ACCOUNTS = "accounts.json"
SECRET = "secret"  # noqa: S105 -- a file's name


class DemoAccount(msgspec.Struct, frozen=True):
    role: str
    name: str
    password: str


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--dir", "folder", default="demo-data", show_default=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--no-serve", is_flag=True, help="Only make the data.")
def demo(port: int, folder: Path, *, no_serve: bool) -> None:
    """Serve a demonstration with 600 fictional answers, kept in DIR for the next start."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputInvalid(f"{folder} cannot be used: {error.strerror}.") from error
    url = f"http://127.0.0.1:{port}"
    settings = Settings(database=f"sqlite:///{folder / DATABASE}", secret=_secret(folder), url=url)
    if not (folder / DATABASE).exists():
        _build(folder, settings)
    run(_check(settings))
    accounts = _accounts(folder)
    click.echo(f"Residents:  {url}/s/{BUNDLED}")
    click.echo(f"Desk:       {url}/desk")
    for account in accounts:
        click.echo(f"            {account.name} / {account.password}   ({account.role})")
    click.echo(f"All answers are fictional. The accounts are also in {folder / ACCOUNTS}.")
    if not has_cjk_font():
        click.echo(f"Pictures and documents need fonts with Chinese characters. Install them with: {APT_LINE}")
    if not no_serve:
        click.echo("Stop with Ctrl+C.")
        serve_forever(settings, host="127.0.0.1", port=port, processes=1, with_worker=True)


def _accounts(folder: Path) -> list[DemoAccount]:
    try:
        return msgspec.json.decode((folder / ACCOUNTS).read_bytes(), type=list[DemoAccount])
    except (OSError, msgspec.DecodeError) as error:
        raise InputInvalid(
            f"{folder / ACCOUNTS} cannot be read any more, so nobody could sign in. Delete {folder} and start again."
        ) from error


async def _check(settings: Settings) -> None:
    async with open_database(settings):
        pass


def _secret(folder: Path) -> str:
    path = folder / SECRET
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def _build(folder: Path, settings: Settings) -> None:
    """Make the data under another name and rename it at the end: a demo that was stopped half-way begins anew."""
    unfinished = folder / f"{DATABASE}.unfinished"
    for path in folder.glob(f"{unfinished.name}*"):
        path.unlink()
    with progress() as bar:
        accounts = run(_fill(Settings(database=f"sqlite:///{unfinished}", secret=settings.secret, url=settings.url), bar))
    path = folder / ACCOUNTS
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(accounts), indent=1) + b"\n")
    unfinished.rename(folder / DATABASE)
    for leftover in folder.glob(f"{unfinished.name}-*"):
        with contextlib.suppress(FileNotFoundError):
            leftover.unlink()


async def _fill(settings: Settings, bar: Progress) -> list[DemoAccount]:
    task = bar.add_task("Database", total=100)
    async with open_database(settings, must_be_current=False):
        await migrate(get_engine())
        await create_bundled_areas()
        areas = await area_ids()
        accounts = [
            DemoAccount("administrator", "admin", secrets.token_urlsafe(9)),
            DemoAccount("committee", "committee", secrets.token_urlsafe(9)),
            DemoAccount("subdistrict", "wangjing", secrets.token_urlsafe(9)),
            DemoAccount("volunteer", "volunteer", secrets.token_urlsafe(9)),
            DemoAccount("partner", "partner", secrets.token_urlsafe(9)),
            DemoAccount("committee", "王芳", secrets.token_urlsafe(9)),
            DemoAccount("social_worker", "周敏", secrets.token_urlsafe(9)),
            DemoAccount("social_worker", "李静", secrets.token_urlsafe(9)),
            DemoAccount("auditor", "auditor", secrets.token_urlsafe(9)),
        ]
        ids = {}
        for account in accounts:
            area = areas[account.name if account.name in areas else "chaoyang"]
            ids[account.name] = await create_account(
                name=account.name, roles=[(RoleKind(account.role), area)], password=account.password
            )
        survey = await create_survey(slug=BUNDLED, form=bundled_form(), area_id=areas["chaoyang"], is_fictional=True)
        channels = [
            await add_channel(
                survey_id=survey.id, code="hanguk", name="望京韩国超市海报", kind=ChannelKind.SHOP, default_language="ko",
                partner_id=ids["partner"],
            ),
            await add_channel(survey_id=survey.id, code="wuye", name="物业前台", kind=ChannelKind.PROPERTY_OFFICE),
        ]
        opened_on = clock.today() - dt.timedelta(days=BETWEEN_WAVES + DAYS - 1)
        await open_survey(BUNDLED, actor="demo", role="administrator", on=opened_on)
        await _meetings(survey.id)
        await _facilities(areas)
        await _indicators(areas["chaoyang"])
        bar.update(task, completed=10, description="Fictional answers")
        await _answers(settings, channels)
        bar.update(task, completed=20, description="Analysis")
        survey = await find_survey(BUNDLED)

        async def report(done: int, total: int, step: str) -> None:
            bar.update(task, completed=20 + 60 * done / total, description=f"Analysis: {step}")

        await analyse_survey(survey.id, report)
        await _renderings(survey.id, ids)
        await _reviews(
            {account.name: Actor(ids[account.name], account.name, RoleKind(account.role), survey.area_id, 0) for account in accounts}
        )
        bar.update(task, completed=85, description="Charts")
        await draw_charts(survey.id)
        await fold_wal(get_engine())
        bar.update(task, completed=100)
    return accounts


_MEETINGS: list[tuple[int, int, Texts, Texts, list[str]]] = [
    (9, 19, {"zh-Hans": "邻里茶话会", "en": "Tea with the neighbours", "ko": "이웃과 함께하는 차 모임", "ja": "ご近所さんのお茶会"},
     {"zh-Hans": "社区服务站二楼", "en": "Community service station, second floor", "ko": "주민 서비스센터 2층", "ja": "社区サービスステーション2階"},
     ["zh-Hans", "en", "ko"]),
    (23, 10, {"zh-Hans": "住宿登记咨询", "en": "Help with residence registration", "ko": "주숙등기 상담"},
     {"zh-Hans": "社区服务站一楼", "en": "Community service station, ground floor", "ko": "주민 서비스센터 1층"}, ["zh-Hans", "en"]),
]  # fmt: skip
"""Days from today, hour, name, place, languages spoken."""


async def _meetings(survey_id: int) -> None:
    """Meetings to come, for the page after an answer; when they are over, a demonstration that is kept shows none."""
    clerk = Actor(account_id=0, name="demo", role=RoleKind.COMMITTEE, area_id=None, session_id=0)
    for days, hour, names, places, spoken in _MEETINGS:
        day = clock.midnight(clock.today() + dt.timedelta(days=days))
        draft = EventDraft(
            survey_id=survey_id, area_id=None, names=names, places=places, starts_at=day + dt.timedelta(hours=hour),
            languages_spoken=spoken,
        )  # fmt: skip
        await create_event(draft, actor=clerk, now=clock.now())


async def _facilities(areas: dict[str, int]) -> None:
    """A few facilities with a year's counts and what residents are told, the library of the paper among them, and a register of others."""
    clerk = Actor(account_id=0, name="demo", role=RoleKind.COMMITTEE, area_id=None, session_id=0)
    chinese, english = await area_names("zh-Hans"), await area_names("en")
    names = {code: {"zh-Hans": chinese[key], "en": english[key]} for code, key in areas.items()}
    for facility in [*FACILITIES, *registered_facilities(names)]:
        draft = FacilityDraft(
            code=facility.code, names=facility.names, area=str(areas[facility.area]), kind=facility.kind, level=facility.level,
            capacity=facility.capacity, hours_per_week=facility.hours_per_week, service=facility.service, category="",
        )  # fmt: skip
        made = await create_facility(draft, areas=None, categories=(), actor=clerk)
        told = fictional_words().get(facility.code)
        if told is None:
            continue
        for tag, texts in told.texts.items():
            name, words = texts["name"], Words(**{field: text for field, text in texts.items() if field != "name"})
            await write_words(made.public_id, tag, name, words, seen=made.words_version(tag), areas=None, actor=clerk)
        await show_facility(made.public_id, open_to=told.open_to, walk=told.walk, is_public=True, areas=None, actor=clerk)
    rows = list(enumerate(fictional_counts(clock.today()), start=1))
    checked = check_rows(rows, await known_facilities(None, rows), clock.today())
    await store_counts(checked.rows, actor=clerk)


async def _indicators(area: int) -> None:
    clerk = Actor(account_id=0, name="demo", role=RoleKind.COMMITTEE, area_id=area, session_id=0)
    for one in INDICATORS:
        draft = IndicatorDraft(
            names=one.names, purpose=one.purpose, caveat=one.caveat, answers=one.answers, percent=one.percent, direction=Direction.AT_LEAST
        )
        await create_indicator(draft, slug=BUNDLED, question=one.question, most=len(INDICATORS), actor=clerk)


async def _renderings(survey_id: int, accounts: dict[str, int]) -> None:
    """Put some of the texts into Chinese: the volunteer, whom the committee accepts or has not yet, and the committee itself."""
    volunteer, committee = [
        Actor(account_id=accounts[role], name=role, role=RoleKind(role), area_id=None, session_id=0) for role in ("volunteer", "committee")
    ]
    ids = {view.text: view.id for view in await list_statements(survey_id, audiences=("", *Audience))}
    for one in fictional_renderings():
        [statement] = await full_statements([ids[one.original]])
        await write_rendering(statement, one.chinese, actor=volunteer if one.is_by_volunteer else committee, is_accepted=one.is_accepted)
        if one.is_by_volunteer and one.is_accepted:
            version = (await versions_of([statement.id]))[statement.id][-1]
            await accept_rendering(statement, version.id, actor=committee)


async def _reviews(people: dict[str, Actor]) -> None:
    """Two meetings of several bodies. Everybody votes for themselves, as at the desk."""
    survey = await find_survey(BUNDLED)
    themes = {theme.key: theme for theme in await list_themes(survey.id)}
    roles = {staff.name: staff.role_id for staff in await candidates(survey)}
    for meeting in MEETINGS:
        chair = people[meeting.members[0]]
        day = clock.midnight(clock.today() - dt.timedelta(days=meeting.days_ago))
        draft = MeetingDraft(
            starts_at=day + dt.timedelta(hours=meeting.hour), place=PLACE, members=[roles[name] for name in meeting.members],
            present=[roles[name] for name in meeting.members if name not in meeting.absent], chair=roles[chair.name],
            guests=[GuestDraft(name, body) for name, body in meeting.guests],
        )  # fmt: skip
        convened = await convene(survey, draft, [themes[item.theme] for item in meeting.items], actor=chair)
        for item in meeting.items:
            await _discuss(convened, item, themes[item.theme], people)
            if meeting.is_decided:
                [found] = [one.item for one in await load_agenda(convened) if one.item.theme_key == item.theme]
                await close_vote(convened, found.public_id, seen=found.revision, actor=chair)


async def _discuss(meeting: MeetingView, item: FictionalItem, theme: ThemeView, people: dict[str, Actor]) -> None:
    for who, text in item.comments:
        await write_comment(theme, text, actor=people[who])
    if not item.motion:
        return
    [found] = [one.item for one in await load_agenda(meeting) if one.item.theme_key == item.theme]
    motion = MotionDraft(item.motion, Act(item.act), list(item.options), item.reason)
    await put_motion(meeting, found.public_id, motion, seen=found.revision, actor=people["committee"])
    for vote in item.votes:
        await cast_vote(meeting, found.public_id, Choice(vote.choice), vote.words, motion_seen=found.motion_revision + 1, actor=people[vote.who])


async def _answers(settings: Settings, channels: list[int]) -> None:
    """Two waves: the second one starts when all of the first have answered."""
    entrance = await entrance_to(BUNDLED)
    submissions: dict[int, list[Submission]] = {1: [], 2: []}
    for number, answer in enumerate(fictional_answers()):
        checked = entrance.checker.check(answer.answers)
        if checked.problems:
            raise InputInvalid(f"The fictional answer {answer.client_id} does not fit the form: {checked.problems}")
        way = channels[0] if answer.language == "ko" and number % 3 == 0 else channels[1] if number % 4 == 0 else None
        submissions[answer.wave].append(
            entrance.submission(
                client_id=answer.client_id, language=answer.language, answers=checked.answers, channel=way,
                source="demo", day=day_of(answer, clock.today()),
            )
        )  # fmt: skip
    recorder = Recorder(settings.secret)
    await recorder.record_all_or_nothing(submissions[1])

    async def has_answers(wave: int) -> bool:
        return await has_answers_in(entrance.view.id, wave)

    await start_wave(
        await find_survey(BUNDLED), WaveDraft(channels=channels, names={"zh-Hans": "回访", "en": "Asked again"}), channels=channels,
        has_answers=has_answers, actor="committee", role="committee", on=clock.today() - dt.timedelta(days=DAYS - 1),
    )  # fmt: skip
    await recorder.record_all_or_nothing(submissions[2])
