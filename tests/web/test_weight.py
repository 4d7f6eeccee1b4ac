"""The first question of a survey travels in 30 KB, of which 12 KB are scripts, in every language. `make bench` prints the figures."""

from __future__ import annotations

from urllib.parse import urljoin

import httpx
import pytest

from bench.first_question import BUDGET, IMPORTED, LOADED, SCRIPT_BUDGET
from survey.i18n.languages import languages


async def sizes(client: httpx.AsyncClient, address: str) -> dict[str, int]:
    """The bytes on the line of a page and all that it loads: styles, modules, and the modules that those import."""
    found: dict[str, int] = {}
    waiting = [address]
    while waiting:
        wanted = waiting.pop()
        if wanted in found:
            continue
        response = await client.get(wanted, headers={"accept-encoding": "gzip"})
        assert response.status_code == 200, wanted
        found[wanted] = response.num_bytes_downloaded
        names = [] if wanted.endswith(".css") else (IMPORTED if wanted.endswith(".mjs") else LOADED).findall(response.text)
        waiting += [urljoin(wanted, name) for name in names]
    return found


@pytest.mark.parametrize("tag", list(languages()))
async def test_first_question_keeps_to_its_budget(client: httpx.AsyncClient, tag: str):
    found = await sizes(client, f"/s/community-needs?lang={tag}")
    scripts = {name: size for name, size in found.items() if name.endswith(".mjs")}

    assert sum(found.values()) <= BUDGET, found
    assert sum(scripts.values()) <= SCRIPT_BUDGET, scripts
    assert len(scripts) >= 1
    assert any(name.endswith(".css") for name in found)


async def test_all_that_a_page_names_is_weighed(client: httpx.AsyncClient):
    page = '<link rel="stylesheet" href="/static/a.css"><script type="module" src="/static/b.mjs"></script><a href="/x">x</a>'
    module = 'import { a } from "./c.mjs";\nexport * from "../d.mjs";\nimport"/static/e.mjs";\nconst f = "./no.mjs";'

    assert LOADED.findall(page) == ["/static/a.css", "/static/b.mjs"]
    assert IMPORTED.findall(module) == ["./c.mjs", "../d.mjs", "/static/e.mjs"]


async def test_the_bytes_are_those_on_the_line(client: httpx.AsyncClient):
    packed = await client.get("/s/community-needs?lang=ko", headers={"accept-encoding": "gzip"})
    plain = await client.get("/s/community-needs?lang=ko", headers={"accept-encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.num_bytes_downloaded == int(packed.headers["content-length"]) < plain.num_bytes_downloaded / 2
