"""axe-core on a page that is open in Chromium. Its text is evaluated by the browser's own protocol: our CSP lets no page load it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RUN = """async ([tags, without]) => {
    const rules = Object.fromEntries(without.map((id) => [id, {enabled: false}]));
    const found = await axe.run(document, {runOnly: {type: "tag", values: tags}, rules, resultTypes: ["violations"]});
    return found.violations.map((v) => ({id: v.id, help: v.help, nodes: v.nodes.map((n) => ({html: n.html, why: n.failureSummary}))}));
}"""


@lru_cache
def _source() -> str:
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def violations(page: Page, *, without: Sequence[str] = ()) -> list[str]:
    """Return what axe finds, one line for each element and rule: WCAG 2.0 to 2.2 A and AA, and best practice."""
    page.evaluate(_source())
    found: list[dict[str, Any]] = page.evaluate(RUN, [TAGS, list(without)])
    return [_line(rule, node) for rule in found for node in rule["nodes"]]


def _line(rule: dict[str, Any], node: dict[str, Any]) -> str:
    why = " ".join(str(node["why"]).split())
    return f"{rule['id']}: {node['html'][:200]} ({why[:300]})"
