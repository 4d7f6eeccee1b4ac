"""The desk's pages of facilities: read, entered, counted; by whom; and what a table of counts does before and after somebody said yes."""

from __future__ import annotations

import datetime as dt

import httpx
import pytest

from survey import clock
from survey.accounts.queries import area_ids
from survey.accounts.tables import Role
from survey.authoring.queries import find_survey
from survey.db.transaction import write_transaction
from survey.demo.facilities import FACILITIES, months_before
from survey.insight.counting import count_survey, store_figures
from survey.insight.facilities import facility_counts, find_facility, known_facilities, list_facilities, store_counts
from survey.insight.facility_figures import Count
from survey.insight.facility_import import check_rows
from survey.responses.intake import entrance_to
from survey.responses.service import Recorder
from tests.conftest import SECRET, STRANGERS, estrange
from tests.insight.test_facilities import ACTOR, facility
from tests.pages import PageClient
from tests.voices import DOCTOR, Person, analyse, record

HEAD = "facility,start,end,visits,foreign_visits\n"
FORM = {"name_zh-Hans": "社区图书室", "code": "lib", "kind": "library", "level": "community", "capacity": "24", "hours_per_week": "40"}


@pytest.fixture
def pages(desk: httpx.AsyncClient) -> PageClient:
    return PageClient(desk)


async def _counted(code: str, visits: int, foreign: int | None) -> None:
    """Twelve months with the same numbers."""
    rows = [
        {"facility": code, "start": str(first), "end": str(last), "visits": str(visits), "foreign_visits": "" if foreign is None else str(foreign)}
        for first, last in months_before(clock.today())
    ]
    cells = list(enumerate(rows, start=1))
    checked = check_rows(cells, await known_facilities(None, cells), clock.today())
    await store_counts(checked.rows, actor=ACTOR)


async def test_library_of_the_paper_is_told_with_its_interval_and_as_a_question(pages: PageClient):
    """About 18 visits a day and 48 foreign ones a year, in an area with 4.9 % foreign residents."""
    made = await facility()
    await _counted("library", 550, 4)

    page = await pages.get(f"/desk/facilities/{made.public_id}")

    assert page.h1 == "library 设施: about 18 visits a day, 0.7% of them foreign"
    assert "48 of 6,600 visits: 0.7%. With what chance alone may do, between 0.5% and 1%." in page.text
    assert "Of the residents here, 4.9% are foreign by the printed figures." in page.text
    assert "needs investigation" in page.text
    assert "one reader who comes each week makes 52 a year" in page.text
    stretches = page.words("//table[caption[contains(., 'stretches')]]//td[@class='n']")
    assert stretches == ["12"] * 4
    assert "4" not in page.words("//table[contains(@class, 'counts')]//td")


async def test_facility_says_what_survey_and_themes_say_and_hides_small_numbers(pages: PageClient):
    survey = await find_survey("community-needs")
    await record(survey, [Person(need=DOCTOR) for _ in range(22)])
    await _know_the_clinic(16, users=4)
    await analyse(survey)
    await store_figures(survey.id, await count_survey(survey.id))
    made = await facility("clinic", kind="health_centre", service="health_centre")

    page = await pages.get(f"/desk/facilities/{made.public_id}")

    assert page.h1 == "clinic 设施: visits are not counted yet"
    assert "34 people were asked about this service" in page.text
    assert "do not know it" in page.text
    assert page.words("//table[caption[contains(., 'asked')]]//td[@class='n']") == ["not told"] * 4
    assert "22 people" in page.words("//h3[contains(., 'What they miss')]/following-sibling::ul[1]/li")[0]


async def _know_the_clinic(people: int, *, users: int) -> None:
    """34 people answer: so many know the health centre, and some of them used it."""
    entrance = await entrance_to("community-needs")
    answers = {"subdistrict": "wangjing", "time_in_beijing": "2_to_5_years", "origin": "mainland", "may_quote": ""}
    submissions = []
    for n in range(34):
        service = {"aware_health_centre": "no"}
        if n < people:
            service = {"aware_health_centre": "yes", "used_health_centre": "yes" if n < users else "no"}
        checked = entrance.checker.check({**answers, **service})
        submissions.append(
            entrance.submission(client_id=f"clinic-{n}".ljust(16, "-"), language="en", answers=checked.answers, channel=None, source="form")
        )
    await Recorder(SECRET).record_all_or_nothing(submissions)


async def test_list_sorts_and_counts_what_needs_a_closer_look(pages: PageClient):
    assert (await pages.get("/desk/facilities")).h1 == "No facilities yet"
    await facility("library")
    await facility("hall", capacity="", hours_per_week="")
    await facility("gym", "sanlitun", level="subdistrict")
    await _counted("library", 550, 4)
    await _counted("hall", 3000, None)
    await _counted("gym", 3000, 400)

    page = await pages.get("/desk/facilities?sort=visits")

    assert page.h1 == "1 facility needs a closer look at who uses it"
    assert [row.split(" ")[0] for row in page.words("//tbody/tr/th")] == ["gym", "hall", "library"]
    assert [use == "—" for use in page.words("//tbody/tr/td[5]")] == [False, True, False]
    assert [row.split(" ")[0] for row in (await pages.get("/desk/facilities")).words("//tbody/tr/th")] == ["library", "gym", "hall"]
    for sort in ("name", "area", "level", "use", "foreign", "unknown"):
        assert len((await pages.get(f"/desk/facilities?sort={sort}&page=7")).all("//tbody/tr")) == 3


async def test_facility_is_entered_edited_closed_and_reopened(pages: PageClient):
    area = str((await area_ids())["wangjing"])
    form = await pages.get("/desk/facilities/new")
    bad = await pages.submit(form, {**FORM, "code": "Not A Code", "area": area, "capacity": "many", "name_en": "x" * 121}, form_id="facility", status=422)
    assert bad.words("//ul/li/a[starts-with(@href, '#')]") == ["Name", "Code", "Capacity"]
    assert ("capacity", "many") in bad.fields("facility")

    made = await pages.send("/desk/facilities/new", {**FORM, "area": area})
    (stored,) = await list_facilities(None)
    assert (made.status_code, made.headers["location"]) == (303, f"/desk/facilities/{stored.public_id}?done=created")
    assert (stored.code, stored.capacity, stored.category) == ("lib", 24, "culture_leisure")

    address = f"/desk/facilities/{stored.public_id}"
    edit = await pages.get(f"{address}/edit")
    fields = [(name, "Library" if name == "name_en" else value) for name, value in edit.fields("facility")]
    assert (await pages.send(f"{address}/edit", fields)).status_code == 303
    late = await pages.submit(edit, {"capacity": "30"}, form_id="facility", status=409)
    assert ("capacity", "30") in late.fields("facility")
    assert (await pages.send(f"{address}/edit", late.fields("facility"))).status_code == 303
    assert (await find_facility(stored.public_id, None)).capacity == 30

    assert (await pages.send(f"{address}/state", {"change": "close"})).status_code == 303
    assert "closed for good" in (await pages.get(address)).text
    assert (await pages.send(f"{address}/state", {"change": "demolish"})).status_code == 422
    assert (await pages.send(f"{address}/state", {"change": "reopen"})).status_code == 303
    assert (await find_facility(stored.public_id, None)).is_active


async def test_table_is_shown_first_and_stored_when_somebody_says_so(pages: PageClient):
    made = await facility()
    text = HEAD + "library,2026-01-01,2026-01-31,500,4\nlibrary,2026-02-01,2026-02-28,460,\n"

    preview = await pages.post("/desk/facilities/counts", {"rows": text})
    assert preview.h1 == "2 rows are good"
    assert await facility_counts(made.id) == []

    stored = await pages.send("/desk/facilities/counts", [*preview.fields("good"), ("step", "store")])
    assert (stored.status_code, stored.headers["location"]) == (303, "/desk/facilities?done=2-0-0")
    assert "Stored: 2 new counts, 0 replaced, 0 as they were." in (await pages.get(stored.headers["location"])).text
    assert [count.visits for count in await facility_counts(made.id)] == [460, 500]
    again = await pages.post("/desk/facilities/counts", {"rows": text.replace("500", "510")})
    assert again.words("//div[@class='figure']/b") == ["0", "1", "1"]
    assert "replaces 500 visits" in again.text


async def test_table_with_bad_rows_stores_nothing_until_the_good_rows_are_asked_for(pages: PageClient):
    made = await facility()
    text = HEAD + "library,2026-01-01,2026-01-31,500,4\ngym,2026-02-01,2026-02-28,460,\nlibrary,2026-02-01,tomorrow,460,900\n"

    refused = await pages.post("/desk/facilities/counts", {"rows": text, "step": "store"}, status=422)

    assert refused.h1 == "2 rows cannot be stored"
    assert refused.words("//table[1]//tbody/tr/td[1]")[:2] == ["2 (line 3 of the sheet)", "3 (line 4 of the sheet)"]
    assert await facility_counts(made.id) == []
    kept = await pages.send("/desk/facilities/counts", [*refused.fields("good"), ("step", "store")])
    assert kept.status_code == 303
    assert await facility_counts(made.id) == [Count(dt.date(2026, 1, 1), dt.date(2026, 1, 31), 500, 4)]


async def test_file_is_read_and_what_is_no_table_is_refused_in_words(pages: PageClient):
    await facility()
    text = ("\ufeff设施,开始日期,结束日期,人次\nlibrary,2026-01-01,2026-01-31,500\n").encode()

    async def send(name: str, data: bytes, status: int):
        headers = {"sec-fetch-site": "same-origin"}
        return pages.read(await pages.http.post("/desk/facilities/counts", files={"file": (name, data)}, data={"rows": ""}, headers=headers), status)

    assert (await send("visits.csv", text, 200)).h1 == "1 row is good"
    assert "Only CSV, TSV and XLSX files" in (await send("visits.pdf", text, 422)).text
    assert "not written in UTF-8" in (await send("visits.csv", "设施".encode("gb18030"), 422)).text
    assert "A column is missing" in (await send("visits.csv", b"a,b\n1,2\n", 422)).text
    assert "The file is damaged" in (await send("visits.xlsx", b"PK", 422)).text
    assert "Nothing in this table can be stored" in (await send("visits.csv", HEAD.encode(), 422)).text
    assert "Please choose a file" in (await send("", b"", 422)).text
    assert (await pages.http.post("/desk/facilities/counts", files={"file": ("a.csv", b"x" * 1_100_000)}, headers={"sec-fetch-site": "same-origin"})).status_code == 413
    assert (await pages.http.post("/desk/facilities/counts", files={"other": ("a.csv", b"x")}, headers={"sec-fetch-site": "same-origin"})).status_code == 400


async def test_count_is_removed_after_a_question(pages: PageClient):
    made = await facility()
    await _counted("library", 550, 4)
    first, last = months_before(clock.today())[0]
    address, days = f"/desk/facilities/{made.public_id}/remove-count", {"start": str(first), "end": str(last)}

    question = await pages.post(address, days)
    assert question.h1 == "Remove this count?"
    assert len(await facility_counts(made.id)) == 12
    assert (await pages.send(address, [*question.fields("remove"), ("step", "remove")])).status_code == 303
    assert len(await facility_counts(made.id)) == 11
    assert (await pages.send(address, {**days, "step": "remove"})).status_code == 404
    assert (await pages.send(address, {"start": "x"})).status_code == 422


async def test_table_to_fill_in_has_a_line_for_each_facility(pages: PageClient):
    await facility()

    answer = await pages.http.get("/desk/facilities/counts/template.csv")

    first, last = months_before(clock.today())[-1]
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "facility,start,end,visits,foreign_visits,open_hours,source", f"library,{first},{last},,,,",
    ]  # fmt: skip
    chinese = await pages.http.get("/desk/facilities/counts/template.csv?lang=zh-Hans")
    assert chinese.content.decode("utf-8-sig").startswith("设施,开始日期,结束日期,人次")


async def test_facility_of_another_area_is_unknown_and_not_counted(pages: PageClient):
    own, other = await facility("own"), await facility("other", "sanlitun")
    async with write_transaction(Role):
        await Role.update({Role.area: (await area_ids())["wangjing"]}).where(Role.id > 0)

    assert (await pages.http.get(f"/desk/facilities/{own.public_id}")).status_code == 200
    for address in ("", "/edit", "/words"):
        there = await pages.http.get(f"/desk/facilities/{other.public_id}{address}")
        nowhere = await pages.http.get(f"/desk/facilities/unknown{address}")
        assert (there.status_code, there.text.replace(other.public_id, "unknown")) == (404, nowhere.text)
    listed = await pages.get("/desk/facilities")
    assert [row.split(" ")[0] for row in listed.words("//tbody/tr/th")] == ["own"]
    await pages.post("/desk/facilities/counts", {"rows": HEAD + "other,2026-01-01,2026-01-31,5,\n"}, status=422)
    elsewhere = await pages.post("/desk/facilities/new", {**FORM, "area": str((await area_ids())["sanlitun"])}, status=422)
    assert elsewhere.words("//ul/li/a[starts-with(@href, '#')]") == ["Area"]


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_strangers_change_nothing(desk: httpx.AsyncClient, stranger: str):
    made = await facility()
    await _counted("library", 550, 4)
    estrange(desk, stranger)
    first, last = months_before(clock.today())[0]
    address = f"/desk/facilities/{made.public_id}"

    for path, fields in (
        ("/desk/facilities/new", {**FORM, "code": "new"}), (f"{address}/edit", {**FORM, "seen": made.version}), (f"{address}/state", {"change": "close"}),
        (f"{address}/remove-count", {"start": str(first), "end": str(last), "step": "remove"}),
        (f"{address}/words", {"in": "zh-Hans", "name": "别的", "seen": made.words_version("zh-Hans")}), (f"{address}/shown", {"open_to": "members"}),
        ("/desk/facilities/counts", {"rows": HEAD + "library,2020-01-01,2020-01-31,5,\n", "step": "store"}),
    ):  # fmt: skip
        assert (await desk.post(path, data=fields)).status_code in {303, 403}

    assert await list_facilities(None) == [made]
    assert len(await facility_counts(made.id)) == 12


def test_demonstration_has_the_library_of_the_paper():
    library = FACILITIES[0]

    assert max(library.visits) <= 20
    assert sum(library.foreign[month % len(library.foreign)] for month in range(12)) == 52
