"""Rules that a linter does not know (style.md 2.3), each a small check of the source that says why. Reads files, imports nothing.

Each check is a function from a file to the lines that break it; each has an example that breaks it below.
`make check` runs this file alone, with `--noconftest`.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent
FEATURES = {
    "accounts", "authoring", "outreach", "responses", "statements", "themes", "inbox", "insight", "plans", "feedback",
    "volunteers",
}  # fmt: skip
VOCABULARY = {
    "__init__", "tables", "queries", "service", "states", "rules", "forms", "schemas", "routes", "guards", "jobs", "charts",
    "documents", "errors",
}  # fmt: skip
OTHER_NAMES = {
    "authoring/waves": "waves of a survey, a subject of their own beside its form and its state",
    "themes/alerts": "needs that rose or fell: kept by the worker above, shown by the board here",
    "insight/wave_alerts": "from what was counted to what is said of two waves, apart from the charts",
    "insight/wave_routes": "the desk's page of waves, apart from the overview",
    "authoring/access": "which surveys an actor reaches: between the queries and the routes of every higher feature",
    "themes/decisions": "people's acts in the analysis's words: it knows the analysis, so it is no rule",
    "themes/answering": "taking and refusing what a run would change, and undoing either",
    "themes/comparing": "finding out what a run would change, apart from running it",
    "themes/differences": "what a run would change, as pages read it",
    "themes/lexicon": "the installation's own words, apart from its themes",
    "themes/pages": "what the pages of themes have in common",
    "themes/proposals": "asking the analysis how a theme may be split, which changes nothing",
    "themes/stories": "acts as sentences, which several pages tell",
    "themes/theme_routes": "a theme's pages, apart from the survey's board",
    "themes/unsorted_routes": "what belongs nowhere, and words for the lexicon, apart from the board",
    "themes/recording": "the log of acts is written by several services",
    "themes/results": "what a run came to, in the words of the tables",
    "themes/runs": "running the analysis, apart from people's acts",
    "themes/settling": "where statements stand, which acts and runs both bring about",
    "accounts/areas": "the areas that ship are data to load, not a service to call",
    "accounts/pages": "the frame of every desk page, which the routes of higher features share",
    "accounts/passwords": "hashing takes long and runs in a thread; nothing else may",
    "authoring/text_form": "a form made by code for imported texts",
    "outreach/invitation_routes": "the residents' way in by a code, apart from the channels' pages",
    "outreach/invitations": "the service of one-time codes, apart from the channels'",
    "responses/assist_routes": "the desk's way in for who answers for a resident, apart from the residents' own",
    "insight/facilities": "the service of facilities and their counts of visits, which no survey owns",
    "insight/facility_figures": "what counts of visits say, pure, so that it can be worked out by hand in tests",
    "insight/facility_import": "tables of counts read and checked row by row, for the desk and the command alike",
    "insight/facility_routes": "the desk's pages of facilities, apart from those of surveys",
    "insight/facility_words": "what residents are told of facilities, apart from counts of their visits",
    "insight/directory_routes": "the residents' directory and the desk's pages of its words",
    "insight/comparisons": "two surveys beside each other, pure, so that it can be worked out by hand in tests",
    "insight/compare_routes": "the page of two surveys, apart from those of one",
    "insight/indicators": "the service of indicators, which a body has and no survey owns",
    "insight/indicator_figures": "what an indicator comes to, pure, so that it can be worked out by hand in tests",
    "insight/indicator_routes": "the desk's pages of indicators, apart from those of surveys",
    "insight/partner_routes": "the one page for those who see totals only",
    "insight/counting": "what the worker counts of all answers, before anything of it may be shown",
    "insight/left_out": "what of answers tells who was shown a question and left it empty, without a database",
    "insight/findings": "what a count comes to, in numbers alone and without a database",
    "insight/pictures": "from findings to what each chart needs, apart from drawing and storing",
    "insight/panels": "a page of everything that is known about a survey, as long as a service",
    "insight/numbers_routes": "the pages of numbers and charts, apart from the overview",
    "insight/invitations": "what may be shown of invitations, apart from the charts",
    "insight/invitation_routes": "the desk's pages of invitations and response rates, apart from the overview",
    "responses/corrections": "a second act upon a stored answer, as long as the first one in service",
    "responses/drafts": "what is not sent yet: sealed, and no answer",
    "outreach/funnel": "counters of a running process, which the app writes now and then",
    "outreach/poster_routes": "a channel's posters, at the desk and for its partner",
    "outreach/event_routes": "meetings have pages of their own, apart from those of channels",
    "outreach/events": "meetings are a subject of their own, with services and queries of a dozen lines",
    "outreach/pages": "what the pages of higher features need of a request to show meetings",
    "responses/posts": "what a posted survey page leads to, for residents and for who answers for them",
    "responses/draft_routes": "going on with a draft, apart from the survey's own address",
    "responses/pages": "the survey as a page, which higher features draw too",
    "inbox/conduct_routes": "complaints about staff have a way of their own",
    "inbox/rendering_routes": "the translators' page, which shows nothing but a text",
    "inbox/statement_routes": "one statement and the acts upon it, apart from the list",
    "statements/delays": "the time from an answer to the inbox, a subject of its own with two acts",
    "statements/readings": "what other features may know of renderings: how a statement reads in Chinese",
    "statements/redaction": "decisions about what is masked, apart from what makes statements",
    "statements/renderings": "versions in Chinese have acts and a queue of their own",
    "statements/search": "what may be asked for together, turned into words of the index",
    "statements/translator": "the one thing here that speaks to another server",
    "statements/wording": "what the analysis says of a text, without a database",
    "themes/agenda": "what pages, votes and minutes read of a meeting, apart from changing it",
    "themes/comments": "what people say of a theme, with a service and queries of a dozen lines",
    "themes/meetings": "meetings that decide on themes: who, when, where, which themes",
    "themes/votes": "votes of a meeting, a subject of their own",
    "themes/review_documents": "minutes: their words, apart from what they report",
    "themes/review_routes": "pages of comments, meetings and votes, apart from the board",
    "themes/directories": "files of service directories, which are data to load",
    "themes/mappings": "where people say that a theme belongs in a directory",
    "themes/directory_routes": "pages of the directories, apart from the board",
    "responses/intake": "the queue between requests and the service, one per process",
}
LONGEST = 600


@dataclass(frozen=True)
class Source:
    """A file by its path in the project."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @property
    def calls(self) -> Iterator[ast.Call]:
        return (node for node in self.nodes if isinstance(node, ast.Call))

    @property
    def comments(self) -> Iterator[tuple[int, str]]:
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string

    @property
    def feature(self) -> str | None:
        """The feature that the file belongs to."""
        parts = self.path.split("/")
        return parts[1] if parts[0] == "survey" and len(parts) == 3 and parts[1] in FEATURES else None

    @property
    def stem(self) -> str:
        return Path(self.path).stem


Check = Callable[[Source], Iterator[int]]
"""Yields the lines that break a rule."""


def _name(call: ast.Call) -> str:
    """`save` of `plan.save()`, `gather` of `gather()`."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_method(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute)


def only_the_helper_opens_transactions(source: Source) -> Iterator[int]:
    """Default transactions on SQLite are deferred and fail under load (P2): db/transaction.py opens them right."""
    if source.path not in {"survey/db/transaction.py", "survey/db/engine.py"}:  # the helper, and what it opens
        yield from (call.lineno for call in source.calls if _is_method(call) and _name(call) == "transaction")


def nothing_reads_in_batches(source: Source) -> Iterator[int]:
    """Piccolo's batch() swallows exceptions, so that an export ends early and nobody knows (P5)."""
    yield from (call.lineno for call in source.calls if _is_method(call) and _name(call) == "batch")


def save_names_its_columns(source: Source) -> Iterator[int]:
    """save() writes all columns and undoes what somebody else changed (P8)."""
    for call in source.calls:
        if _is_method(call) and _name(call) == "save" and not call.args and not call.keywords:
            yield call.lineno


def raw_sql_has_placeholders(source: Source) -> Iterator[int]:
    """Values go into raw() by `{}`; a string put together would let an answer be SQL."""
    for call in source.calls:
        if _is_method(call) and _name(call) == "raw" and call.args:
            first = call.args[0]
            is_built = isinstance(first, ast.JoinedStr | ast.BinOp) or (
                isinstance(first, ast.Call) and _name(first) == "format"
            )
            if is_built:
                yield call.lineno


def features_start_no_tasks(source: Source) -> Iterator[int]:
    """A task inside a transaction inherits its connection and outlives it (P7)."""
    tasks = {"create_task", "gather", "ensure_future", "TaskGroup"}
    if source.feature:
        yield from (call.lineno for call in source.calls if _name(call) in tasks)


def tables_of_another_feature_are_for_foreign_keys(source: Source) -> Iterator[int]:
    """A feature asks another's service or queries; only its own tables.py may name the tables of another."""
    for node in source.nodes:
        modules = []
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        for module in modules:
            match = re.fullmatch(r"survey\.(\w+)\.tables", module)
            if match and not _may_import_tables(source, of=match[1]):
                yield node.lineno  # type: ignore[attr-defined]  # both kinds of import have it


def _may_import_tables(source: Source, *, of: str) -> bool:
    if source.path == "survey/tables.py":
        return True  # the list of all tables, for the engine and the migrations
    own = source.path.split("/")[1] == of
    return own or (source.feature is not None and source.stem == "tables")


def features_use_the_same_file_names(source: Source) -> Iterator[int]:
    """Whoever knows one feature finds their way in all of them."""
    if source.feature and source.stem not in VOCABULARY and f"{source.feature}/{source.stem}" not in OTHER_NAMES:
        yield 1


def modules_begin_with_a_docstring(source: Source) -> Iterator[int]:
    """One sentence: what lives here, and what does not. An empty __init__.py has nothing to tell."""
    if source.tree.body and ast.get_docstring(source.tree) is None:
        yield 1


PURE = re.compile(r"survey\.(questionnaire(\.\w+)?|codes|errors|\w+\.states|\w+\.rules)")


def rules_are_pure(source: Source) -> Iterator[int]:
    """Rules and the questionnaire can be read, tested and moved without a database or a server."""
    if not (source.path.startswith("survey/questionnaire/") or source.stem in {"states", "rules"}):
        return
    allowed = sys.stdlib_module_names | {"msgspec", "regex"}
    for node in source.nodes:
        modules = []
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            modules = [module] if PURE.fullmatch(module) else [f"{module}.{alias.name}" for alias in node.names]
            modules = [module] if module.split(".")[0] != "survey" else modules
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        if any(name.split(".")[0] not in allowed and not PURE.fullmatch(name) for name in modules):
            yield node.lineno  # type: ignore[attr-defined]  # both kinds of import have it


def handlers_have_names(source: Source) -> Iterator[int]:
    """Routes are known by name: the list of routes, templates and tests do not break when an address changes."""
    methods = {"get", "post", "put", "patch", "delete", "head", "route", "websocket"}
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                call = decorator if isinstance(decorator, ast.Call) else None
                name = _name(call) if call else getattr(decorator, "id", "")
                if name in methods and not (call and any(key.arg == "name" for key in call.keywords)):
                    yield decorator.lineno


SUPPRESSION = re.compile(r"#\s*(?:noqa|type:\s*ignore)(?P<codes>\s*:\s*[A-Z0-9, ]+|\[[\w, -]+\])?")


def suppressions_have_reasons(source: Source) -> Iterator[int]:
    """`# noqa: CODE -- why` and `# type: ignore[code]  # why`: the next reader must not guess."""
    for line, comment in source.comments:
        found = list(SUPPRESSION.finditer(comment))
        if found:
            reason = comment[found[-1].end() :].strip(" -#")
            if not reason or not all(match["codes"] for match in found):
                yield line


def files_are_short(source: Source) -> Iterator[int]:
    """Look again at 400 lines, stop at 600: every project's worst files are the ones that passed this."""
    if source.text.count("\n") > LONGEST:
        yield LONGEST


def templates_escape_everything(source: Source) -> Iterator[int]:
    """What people wrote is shown, never run: `|safe` and autoescape off would open the page to it."""
    yield from _lines(source, r"\|\s*safe\b|autoescape\s+false|\bMarkup\b")


def templates_hold_no_inline_script_or_style(source: Source) -> Iterator[int]:
    """The Content-Security-Policy lets none run; a page's own style goes through `page_style`, whose hash is in the policy."""
    yield from _lines(source, r"<script(?![^>]*\ssrc=)|\son\w+\s*=\s*[\"']|javascript:|\sstyle\s*=")
    if not source.path.startswith(f"{TEMPLATES}/report/"):  # a file of its own, opened without a server
        yield from _lines(source, r"<style(?!>\{\{ page_style \}\}</style>)")


def templates_ask_no_other_site(source: Source) -> Iterator[int]:
    """Decision 2: no request leaves, so nothing that a browser fetches by itself names a host."""
    yield from _lines(
        source, r"\b(?:src|srcset|action|poster)\s*=\s*[\"'](?:https?:)?//|<link[^>]*href=[\"'](?:https?:)?//|@import"
    )


def _lines(source: Source, pattern: str) -> Iterator[int]:
    for match in re.finditer(pattern, source.text):
        yield source.text.count("\n", 0, match.start()) + 1


TEMPLATES = "frontend/templates"

CHECKS: list[tuple[Check, str]] = [
    (only_the_helper_opens_transactions, "product"),
    (nothing_reads_in_batches, "code"),
    (save_names_its_columns, "code"),
    (raw_sql_has_placeholders, "code"),
    (features_start_no_tasks, "product"),
    (tables_of_another_feature_are_for_foreign_keys, "product"),
    (features_use_the_same_file_names, "product"),
    (modules_begin_with_a_docstring, "code"),
    (rules_are_pure, "product"),
    (handlers_have_names, "product"),
    (suppressions_have_reasons, "code"),
    (files_are_short, "code"),
    (files_are_short, "frontend"),
    (files_are_short, "tests"),
    (templates_escape_everything, "templates"),
    (templates_hold_no_inline_script_or_style, "templates"),
    (templates_ask_no_other_site, "templates"),
]

PRODUCT = ["survey/**/*.py", "analysis/**/*.py"]
KINDS = {
    "product": PRODUCT,
    "code": [*PRODUCT, "bench/**/*.py", "hatch_build.py"],  # bench builds the naive baselines on purpose
    "templates": [f"{TEMPLATES}/**/*.html"],
    "frontend": ["frontend/**/*.html", "frontend/**/*.css", "frontend/**/*.mjs"],
    "tests": ["tests/**/*.py", "tests/**/*.mjs"],
}


def _read(kind: str) -> list[Source]:
    paths = sorted({path for pattern in KINDS[kind] for path in PROJECT.glob(pattern)})
    return [Source(path.relative_to(PROJECT).as_posix(), path.read_text(encoding="utf-8")) for path in paths]


@pytest.fixture(scope="module")
def files() -> dict[str, list[Source]]:
    """Every file, read and parsed once."""
    return {kind: _read(kind) for kind in KINDS}


@pytest.mark.parametrize(("check", "kind"), CHECKS, ids=[f"{check.__name__}-{kind}" for check, kind in CHECKS])
def test_source_keeps_the_rule(check: Check, kind: str, files: dict[str, list[Source]]) -> None:
    assert len(files[kind]) > 3

    broken = [f"{source.path}:{line}" for source in files[kind] for line in check(source)]

    if broken:
        pytest.fail("\n".join([str(check.__doc__), *broken]), pytrace=False)


def test_source_exceptions_to_the_file_names_are_all_needed(files: dict[str, list[Source]]) -> None:
    there = {f"{source.feature}/{source.stem}" for source in files["product"] if source.feature}

    assert set(OTHER_NAMES) - there == set()


# That each check can fail: what it takes, what it finds and where


@pytest.mark.parametrize(
    ("check", "path", "text", "lines"),
    [
        (only_the_helper_opens_transactions, "survey/plans/service.py", "DB.transaction()\nengine.transaction(x=1)", [1, 2]),
        (only_the_helper_opens_transactions, "survey/plans/service.py", "write_transaction(Plan)", []),
        (only_the_helper_opens_transactions, "survey/db/transaction.py", "engine.transaction()", []),
        (nothing_reads_in_batches, "survey/cli/x.py", "async with await Plan.select().batch(batch_size=9) as b: pass", [1]),
        (save_names_its_columns, "survey/plans/service.py", "plan.save()\nplan.save([Plan.name])\ndoc.save(out)", [1]),
        (raw_sql_has_placeholders, "survey/db/x.py", "T.raw(f'select {x}')\nT.raw('a' + x)\nT.raw('{}'.format(x))", [1, 2, 3]),
        (raw_sql_has_placeholders, "survey/db/x.py", "T.raw('select {}', x)", []),
        (features_start_no_tasks, "survey/plans/service.py", "asyncio.create_task(x)\ngather(a, b)", [1, 2]),
        (features_start_no_tasks, "survey/db/group_commit.py", "asyncio.create_task(x)", []),
        (
            tables_of_another_feature_are_for_foreign_keys,
            "survey/plans/service.py",
            ("from survey.plans.tables import Plan\nfrom survey.themes.tables import Theme\nimport survey.themes.tables\n"
            "from survey.themes import tables"),
            [2, 3, 4],
        ),
        (tables_of_another_feature_are_for_foreign_keys, "survey/plans/tables.py", "from survey.themes.tables import Theme", []),
        (tables_of_another_feature_are_for_foreign_keys, "survey/cli/x.py", "from survey.themes.tables import Theme", [1]),
        (tables_of_another_feature_are_for_foreign_keys, "survey/tables.py", "from survey.themes.tables import Theme", []),
        (features_use_the_same_file_names, "survey/plans/helpers.py", "", [1]),
        (features_use_the_same_file_names, "survey/plans/documents.py", "", []),
        (features_use_the_same_file_names, "survey/responses/intake.py", "", []),
        (features_use_the_same_file_names, "survey/web/helpers.py", "", []),
        (modules_begin_with_a_docstring, "survey/x.py", "import os", [1]),
        (modules_begin_with_a_docstring, "survey/x/__init__.py", "", []),
        (modules_begin_with_a_docstring, "survey/x.py", '"""What lives here."""\nimport os', []),
        (
            rules_are_pure,
            "survey/plans/rules.py",
            ("import re\nimport msgspec\nfrom survey.plans.states import State\nfrom survey.codes import x\n"
            "from survey import clock\nfrom survey.questionnaire.form import Form\nimport piccolo\n"
            "from survey.db.engine import y\nfrom babel import Locale\nfrom survey.plans import tables"),
            [5, 7, 8, 9, 10],
        ),
        (rules_are_pure, "survey/questionnaire/form.py", "from litestar import get", [1]),
        (rules_are_pure, "survey/plans/service.py", "import piccolo", []),
        (
            handlers_have_names,
            "survey/plans/routes.py",
            "@get('/')\ndef a(): ...\n@post('/', name='x')\ndef b(): ...\n@get\ndef c(): ...\n@cached\ndef d(): ...",
            [1, 5],
        ),
        (
            suppressions_have_reasons,
            "survey/x.py",
            ("a  # noqa\nb  # noqa: S101\nc  # noqa: S101 -- checked above\nd  # type: ignore\ne  # type: ignore[arg-type]\n"
            "f  # type: ignore[arg-type]  # piccolo's stub\ng  # type: ignore[no-untyped-def]  # noqa: ANN202 -- untyped\n"
            "h  # a noqa in a sentence\ni = '# noqa'\nj  # noqa -- no code"),
            [1, 2, 4, 5, 10],
        ),
        (files_are_short, "survey/x.py", "\n" * 600, []),
        (files_are_short, "survey/x.py", "\n" * 601, [600]),
        (templates_escape_everything, "x.html", "{{ a }}\n{{ a | safe }}\n{% autoescape false %}{{ unsafe }}", [2, 3]),
        (
            templates_hold_no_inline_script_or_style,
            "frontend/templates/x.html",
            ('<script src="/a.mjs"></script>\n<script>x</script>\n<p style="x">\n<a onclick="x">\n<a href="javascript:x">\n'
            "<style>p{}</style>\n<style>{{ page_style }}</style>"),
            [2, 4, 5, 3, 6],
        ),
        (templates_hold_no_inline_script_or_style, "frontend/templates/report/x.html", "<style>p{}</style>", []),
        (
            templates_ask_no_other_site,
            "x.html",
            '<img src="https://a/b">\n<link rel="x" href="//a">\n<a href="https://a">\n<img src="/static/x">',
            [1, 2],
        ),
    ],
)  # fmt: skip
def test_check_finds_what_breaks_its_rule(check: Check, path: str, text: str, lines: list[int]) -> None:
    assert sorted(check(Source(path, text))) == sorted(lines)


def test_check_examples_leave_no_check_untried() -> None:
    [mark] = [mark for mark in test_check_finds_what_breaks_its_rule.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]  # pytest sets it

    assert {row[0] for row in mark.args[1] if row[3]} == {check for check, _ in CHECKS}
