"""Every catalog that ships: complete, fresh, with the placeholders and plural forms that its language needs.

A failure of freshness is mended by `make messages` and a translation of what it adds.
"""

from __future__ import annotations

import ast
import gettext
import re
from functools import lru_cache
from pathlib import Path

import pytest
from babel.core import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po
from jinja2 import Environment, meta, nodes
from opencc import OpenCC

from survey.i18n.catalogs import DESK_LANGUAGES
from survey.i18n.languages import languages
from survey.i18n.messages import po_path, sources, template_catalog
from survey.resources import FRONTEND, LOCALES

TEN = ["zh-Hans", "zh-Hant", "en", "ko", "ja", "ru", "fr", "de", "es", "ar"]
CATALOGS = [("resident", tag) for tag in TEN] + [("desk", tag) for tag in DESK_LANGUAGES]
every_catalog = pytest.mark.parametrize(("domain", "tag"), CATALOGS)

PLACEHOLDER = re.compile(r"%\((\w*)\)[-#0 +\d.]*([a-zA-Z]?)")
UNNAMED = re.compile(r"(?<!%)%[-#0+\d.]*[sdrif]\b|\{\w*\}")
SCRIPTS = {"zh-Hans": "一-鿿", "zh-Hant": "一-鿿", "ko": "가-힣", "ja": "ぁ-ヿ一-鿿", "ru": "А-я", "ar": "ء-ي"}
SHARED_WORDS = {"Excel"}
"""Messages without a word that could be translated."""

TEMPLATES = FRONTEND / "templates"
CODE = Path(__file__).parent.parent.parent / "survey"


@lru_cache
def _catalog(domain: str, tag: str) -> Catalog:
    with po_path(tag, domain).open("rb") as stream:
        return read_po(stream, locale=languages()[tag].folder, abort_invalid=True)


@lru_cache
def _template(domain: str) -> dict[tuple[str, str | None], Message]:
    return _by_key(template_catalog(domain))


def _by_key(catalog: Catalog) -> dict[tuple[str, str | None], Message]:
    return {(_sources(message)[0], message.context): message for message in catalog if message.id}


def _sources(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def _strings(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def _placeholders(text: str) -> list[str]:
    return sorted(f"{name}:{kind}" for name, kind in PLACEHOLDER.findall(text))


def test_catalogs_are_residents_in_ten_languages_and_the_desks_in_two() -> None:
    found = sorted(path.relative_to(LOCALES).as_posix() for path in LOCALES.rglob("*.po"))

    assert found == sorted(f"{tag.replace('-', '_')}/LC_MESSAGES/{domain}.po" for domain, tag in CATALOGS)
    assert sorted(languages()) == sorted(TEN)


@every_catalog
def test_catalog_holds_exactly_the_strings_of_code_and_templates(domain: str, tag: str) -> None:
    wanted = {key: _sources(message) for key, message in _template(domain).items()}
    held = {key: _sources(message) for key, message in _by_key(_catalog(domain, tag)).items()}

    assert sorted(str(key) for key in wanted.keys() - held.keys()) == []  # not gathered: run `make messages`
    assert sorted(str(key) for key in held.keys() - wanted.keys()) == []  # no longer said
    assert held == wanted


@every_catalog
def test_catalog_is_complete_and_nothing_in_it_is_fuzzy_or_obsolete(domain: str, tag: str) -> None:
    catalog = _catalog(domain, tag)

    assert [m.id for m in catalog if m.id and not all(text.strip() for text in _strings(m))] == []
    assert [m.id for m in catalog if m.id and m.fuzzy] == []
    assert not catalog.fuzzy
    assert list(catalog.obsolete) == []


@every_catalog
def test_catalog_has_the_plural_forms_of_its_language(domain: str, tag: str) -> None:
    catalog = _catalog(domain, tag)
    expected = get_plural(Locale.parse(tag, sep="-"))

    assert (catalog.num_plurals, _tidy(catalog.plural_expr)) == (expected.num_plurals, _tidy(expected.plural_expr))
    plurals = [message for message in catalog if message.pluralizable]
    assert len(plurals) > 0
    assert [m.id for m in plurals if len(_strings(m)) != expected.num_plurals] == []
    assert [m.id for m in catalog if m.id and not m.pluralizable and len(_strings(m)) != 1] == []


def _tidy(expression: str) -> str:
    return re.sub(r"[\s()]", "", expression)


@every_catalog
def test_catalog_keeps_every_placeholder(domain: str, tag: str) -> None:
    catalog = _catalog(domain, tag)
    only_one = _forms_of_one_number(catalog)

    wrong = []
    for message in catalog:
        for form, text in enumerate(_strings(message) if message.id else ()):
            wanted = _placeholders(_sources(message)[-1])
            if message.pluralizable and form in only_one and _placeholders(text) == [p for p in wanted if p != "num:d"]:
                continue  # 'one answer' need not write the number
            if _placeholders(text) != wanted:
                wrong.append((message.id, form, text))

    assert wrong == []


def _forms_of_one_number(catalog: Catalog) -> set[int]:
    """The plural forms that a single number takes, so that its word can stand for it (Arabic 0, 1 and 2; German 1)."""
    choose = gettext.c2py(catalog.plural_expr)
    taken: dict[int, list[int]] = {}
    for number in range(1000):
        taken.setdefault(choose(number), []).append(number)
    return {form for form, numbers in taken.items() if len(numbers) == 1}


@every_catalog
def test_catalog_is_in_its_language(domain: str, tag: str) -> None:
    if tag == "en":
        foreign = [m.id for m in _catalog(domain, tag) if m.id and _strings(m) != _sources(m)]
    elif tag in SCRIPTS:
        foreign = [
            m.id
            for m in _catalog(domain, tag)
            if m.id and not all(re.search(f"[{SCRIPTS[tag]}]", text) for text in _strings(m)) and _has_words(m)
        ]
    else:
        foreign = [
            m.id for m in _catalog(domain, tag) if m.id and len(str(m.id)) > 12 and set(_strings(m)) & {*_sources(m)}
        ]

    assert foreign == []


def _has_words(message: Message) -> bool:
    text = PLACEHOLDER.sub("", _sources(message)[0])
    return re.search(r"[A-Za-z]{2}", text) is not None and text.strip() not in SHARED_WORDS


def test_catalogs_chinese_keeps_to_its_script() -> None:
    to_traditional, to_simplified = OpenCC("s2t").convert, OpenCC("t2s").convert
    in_both = set("里台")
    simplified = {
        c for d, tag in CATALOGS if tag == "zh-Hans" for m in _catalog(d, tag) if m.id for t in _strings(m) for c in t
    }
    traditional = {c for m in _catalog("resident", "zh-Hant") if m.id for text in _strings(m) for c in text}

    assert {c for c in traditional - in_both if to_traditional(c) != c == to_simplified(c)} == set()
    assert {c for c in simplified if to_simplified(c) != c} == set()


@pytest.mark.parametrize("domain", ["resident", "desk"])
def test_messages_have_named_placeholders_only(domain: str) -> None:
    texts = [text for message in _template(domain).values() for text in _sources(message)]

    assert [text for text in texts if UNNAMED.search(text)] == []
    assert [text for text in texts for kind in _placeholders(text) if not re.fullmatch(r"\w+:[sd]", kind)] == []


# What the pages say reaches the catalogs at all


def _environment() -> Environment:
    return Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


def _templates() -> list[str]:
    return sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))


SAID_AS_IT_IS = re.compile(r"邻声 Linsheng|中文|English|\b(?:CSV|DOCX|PDF|PNG|QR|SVG|XLSX)\b|&#?\w+;")
"""Names, each in its own language, and kinds of files."""

READ_ALOUD = ("alt", "title", "placeholder", "aria-label")


def literal_words(source: str) -> list[str]:
    """Return the words that a template says without asking a catalog: text between tags, and attributes that are read."""
    syntax = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
    bare = syntax.sub("", re.sub(r"<(style|script|code)\b.*?</\1>", "", source, flags=re.DOTALL))
    read = [value for name in READ_ALOUD for value in re.findall(rf'\s{name}="([^"]*)"', bare)]
    without_attributes = re.sub(r'[\w-]+="[^"]*"', "", bare)  # a macro may write attributes apart from their tag
    said = [piece.strip() for piece in re.split(r"<[^<>]*>", without_attributes)]
    return [text for text in said + read if re.search(r"[^\W\d_]{2}", SAID_AS_IT_IS.sub("", text))]


@pytest.mark.parametrize("name", _templates())
def test_template_says_nothing_that_no_catalog_holds(name: str) -> None:
    assert literal_words((TEMPLATES / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>{{ _('Send') }}</p>", []),
        ("<p>Send</p>", ["Send"]),
        ('<a href="/desk" title="Back">{{ x }}</a>', ["Back"]),
        ('<a>QR</a> <code>linsheng init</code> {% if x %} aria-invalid="true"{% endif %}', []),
        ("<title>{% block t %}{% endblock %} · 邻声 Linsheng</title>", []),
        ("{# a comment #}<style>p { margin: 0 }</style>&nbsp;·&nbsp;", []),
        ("<li>提交</li>", ["提交"]),
    ],
)
def test_literal_words_finds_what_is_said_without_a_catalog(source: str, expected: list[str]) -> None:
    assert literal_words(source) == expected


@pytest.mark.parametrize("domain", ["resident", "desk"])
def test_templates_of_a_domain_are_built_from_templates_of_the_same(domain: str) -> None:
    own = {path.relative_to(TEMPLATES).as_posix() for path, _ in sources(domain) if path.suffix == ".html"}

    borrowed = {
        (name, other)
        for name in own
        for other in meta.find_referenced_templates(_parsed(name))
        if other not in own and _says_something(str(other))
    }

    assert borrowed == set()


def _parsed(name: str) -> nodes.Template:
    return _environment().parse((TEMPLATES / name).read_text(encoding="utf-8"))


def _says_something(name: str) -> bool:
    return any(
        call.node.name in {"_", "ngettext"}
        for call in _parsed(name).find_all(nodes.Call)
        if isinstance(call.node, nodes.Name)
    )


def _calls(path: Path) -> list[tuple[str, ast.Call]]:
    """Every call in a file with the last part of the called name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
            found.append((name, node))
    return found


SAID_ELSEWHERE = {
    "i18n/speech.py",  # passes on what it is given
    "responses/errors.py",  # a table of messages, each marked
    "plans/documents.py",  # a shorthand for its speech
}


def test_code_translates_literals_only_so_that_all_are_gathered() -> None:
    computed = [
        f"{path.relative_to(CODE).as_posix()}:{call.lineno}"
        for path in sorted(CODE.rglob("*.py"))
        if path.relative_to(CODE).as_posix() not in SAID_ELSEWHERE
        for name, call in _calls(path)
        if name in {"gettext", "ngettext", "pgettext"}
        if not all(isinstance(part, ast.Constant) for part in call.args[: 2 if name == "ngettext" else 1])
    ]

    assert computed == []


def test_code_asks_the_catalog_that_its_strings_are_gathered_into() -> None:
    domain_of = {path: domain for domain in ("resident", "desk") for path, _ in sources(domain)}

    wrong = []
    for path in sorted(CODE.rglob("*.py")):
        for name, call in _calls(path):
            if name == "speech" and isinstance(call.args[0], ast.Constant) and call.args[0].value != domain_of[path]:
                wrong.append(f"{path.relative_to(CODE).as_posix()}:{call.lineno}")
            if name == "html" and len(call.args) > 1 and isinstance(call.args[1], ast.Constant):
                wanted = domain_of[TEMPLATES / str(call.args[1].value)]
                given = [
                    key.value.value
                    for key in call.keywords
                    if key.arg == "domain" and isinstance(key.value, ast.Constant)
                ]
                if (given or ["resident"]) != [wanted]:
                    wrong.append(f"{path.relative_to(CODE).as_posix()}:{call.lineno}")
            if name == "desk_page" and domain_of[TEMPLATES / str(ast.literal_eval(call.args[1]))] != "desk":
                wrong.append(f"{path.relative_to(CODE).as_posix()}:{call.lineno}")

    assert wrong == []
