"""What residents are told of places and services: stored on both engines, written at the desk, read in every language."""

from __future__ import annotations

import httpx
import pytest

from survey.accounts.areas import create_bundled_areas
from survey.accounts.queries import area_ids
from survey.audit.tables import AuditEvent
from survey.demo.facilities import FACILITIES, fictional_words
from survey.errors import Conflict, InputInvalid, NotFound
from survey.i18n.languages import languages
from survey.i18n.speech import speech
from survey.insight.facilities import FacilityInvalid, FacilityView, Words, edit_facility, find_facility, set_active
from survey.insight.facility_figures import Kind, OpenTo
from survey.insight.facility_words import LONGEST, read_directory, read_place, show_facility, write_words
from survey.settings import Settings
from tests.insight.test_facilities import ACTOR, CATEGORIES, draft, facility
from tests.pages import PageClient

FREE = {"zh-Hans": ("图书室", "所有人", "免费"), "ko": ("도서실", "누구나", "무료"), "en": ("Library", "Everybody", "Free of charge")}


async def described(code: str, *tags: str, area: str = "wangjing", is_public: bool = True, **changes: str) -> FacilityView:
    """A facility with name, who and how in some languages."""
    made = await facility(code, area, **changes)
    for tag in tags:
        name, who, how = FREE[tag]
        made = await write(made, tag, f"{name} {code}", who=who, how=how)
    if is_public:
        made = await show_facility(made.public_id, open_to="everybody", walk="near", is_public=True, areas=None, actor=ACTOR)
    return made


async def write(to: FacilityView, tag: str, name: str, *, seen: str = "", **words: str) -> FacilityView:
    return await write_words(
        to.public_id, tag, name, Words(**words), seen=seen or to.words_version(tag), areas=None, actor=ACTOR
    )  # fmt: skip


async def test_words_are_kept_by_language_and_shown_only_when_complete(database: Settings):
    await create_bundled_areas()
    made = await facility()
    with pytest.raises(FacilityInvalid) as early:
        await show_facility(made.public_id, open_to="", walk="", is_public=True, areas=None, actor=ACTOR)
    assert early.value.problems == {"is_public": "incomplete", "open_to": "needed"}

    half = await write(made, "ko", "도서실", who="누구나")
    assert (half.missing_in("ko"), half.missing_in("ja"), half.complete_languages) == (["how"], ["name", "who", "how"], [])
    whole = await write(half, "ko", " 도서실 ", who="누구나", how=" 무료 \r\n\r\n 예약  없음 ")
    assert whole == await find_facility(made.public_id, None)
    assert whole.words_in("ko") == Words(who="누구나", how="무료\n\n예약 없음")
    assert (whole.complete_languages, whole.is_shown, whole.version == half.version) == (["ko"], False, True)

    shown = await show_facility(made.public_id, open_to="members", walk="far", is_public=True, areas=None, actor=ACTOR)
    assert (shown.is_shown, shown.open_to) == (True, OpenTo.MEMBERS)
    acts = await AuditEvent.select(AuditEvent.action).order_by(AuditEvent.id)
    assert [act["action"] for act in acts] == ["facility.created", *["facility.described"] * 2, "facility.shown", "facility.described"]


async def test_last_language_of_a_shown_facility_stays_and_who_was_overtaken_is_told(database: Settings):
    await create_bundled_areas()
    made = await described("library", "ko")

    with pytest.raises(FacilityInvalid) as emptied:
        await write(made, "ko", "", who="누구나")
    assert emptied.value.problems == {"name": "last", "how": "last"}
    changed = draft("library", made.area_id)
    with pytest.raises(FacilityInvalid) as renamed:
        await edit_facility(made.public_id, changed, seen=made.version, areas=None, categories=CATEGORIES, actor=ACTOR)
    assert renamed.value.problems == {"name_ko": "last"}
    with pytest.raises(Conflict):
        await write(made, "ko", "도서관", seen="0", who="누구나", how="무료")
    with pytest.raises(FacilityInvalid) as bad:
        await write(made, "zh-Hans", "", how="长" * (LONGEST["how"] + 1))
    assert bad.value.problems == {"how": "too_long", "name": "needed"}
    with pytest.raises(InputInvalid, match="no such language"):
        await write(made, "tlh", "x")
    with pytest.raises(InputInvalid, match="no such choice"):
        await show_facility(made.public_id, open_to="friends", walk="", is_public=True, areas=None, actor=ACTOR)
    with pytest.raises(NotFound):
        await write_words(made.public_id, "ko", "x", Words(), seen="", areas=frozenset(), actor=ACTOR)
    assert await find_facility(made.public_id, None) == made

    await show_facility(made.public_id, open_to="everybody", walk="", is_public=False, areas=None, actor=ACTOR)
    assert (await write(made, "ko", "")).texts == {}


async def test_directory_groups_by_area_and_kind_and_drops_nothing(database: Settings):
    await create_bundled_areas()
    for_all = await described("everywhere", "zh-Hans", "en", area="wangjing", kind="service_hall")
    everywhere = draft("everywhere", None, names=for_all.names, kind="service_hall")
    await edit_facility(for_all.public_id, everywhere, seen=for_all.version, areas=None, categories=CATEGORIES, actor=ACTOR)
    await described("b", "zh-Hans", "ko", kind="health_centre")
    await described("a", "zh-Hans", "en")
    await described("far", "ko", area="sanlitun")
    await described("hidden", "zh-Hans", "en", is_public=False)
    closed = await described("closed", "zh-Hans")
    await set_active(closed.public_id, is_active=False, areas=None, actor=ACTOR)

    english = await read_directory("en-x-easy")
    found = [(area.name and area.name.text, [(kind, [place.name for place in places]) for kind, places in area.kinds]) for area in english.described]
    assert found == [(None, [(Kind.SERVICE_HALL, ["Library everywhere"])]), ("Wangjing Subdistrict", [(Kind.LIBRARY, ["Library a"])])]
    assert [(place.name, place.language, place.complete) for place in english.others] == [
        ("도서실 far", "ko", ["ko"]), ("图书室 b", "zh-Hans", ["zh-Hans", "ko"]),
    ]  # fmt: skip
    assert (english.total, english.kinds, [*english.areas]) == (4, [Kind.LIBRARY, Kind.HEALTH_CENTRE, Kind.SERVICE_HALL], ["sanlitun", "wangjing"])

    async def names(**choice: str) -> list[str]:
        read = await read_directory("zh-Hans", **choice)
        return [p.name for area in read.described for _, places in area.kinds for p in places] + [p.name for p in read.others]

    assert await names(area="sanlitun") == ["图书室 everywhere", "도서실 far"]
    assert await names(area="chaoyang", kind="library") == ["图书室 a", "도서실 far"]
    assert await names(kind="swimming") == [] == await names(area="mars", kind="library")

    place, area = await read_place(for_all.public_id, "ko", "en")
    assert (place.language, place.is_described, area) == ("en", False, None)
    assert (await read_place(for_all.public_id, "ko", "ar"))[0].language == "zh-Hans"


@pytest.mark.parametrize("tag", [*languages(), "en-x-easy"])
async def test_residents_read_it_in_every_language_without_scripts(pages: PageClient, tag: str):
    await described("a", "zh-Hans", "en")
    only = await described("b", "ko", kind="health_centre")
    say = speech("resident", tag.removesuffix("-x-easy")).gettext

    page = await pages.get(f"/directory?lang={tag}")

    assert page.h1 == say("Places and services in your neighbourhood")
    is_told = tag in {"zh-Hans", "en", "en-x-easy"}
    assert len(page.all("//article[h4]")) == (1 if is_told or tag == "ko" else 0)
    others = page.all("//section[@id='others']//article")
    assert [(other.xpath(".//h3/a")[0].get("lang"), other.xpath(".//dd")[0].get("lang"), other.xpath(".//dd")[0].get("dir")) for other in others] == (
        [("ko", "ko", "ltr")] if is_told else [("zh-Hans", "zh-Hans", "ltr")] if tag == "ko" else [("zh-Hans", "zh-Hans", "ltr"), ("ko", "ko", "ltr")]
    )
    assert say("Open to everybody") in page.text
    assert say("At most 15 minutes on foot from most homes (estimated)") in page.text

    alone = await pages.get(f"/directory/{only.public_id}?lang={tag}")
    assert alone.h1 == "도서실 b"
    assert len(alone.words("//*[@class='notice']")) == (0 if tag == "ko" else 1)


async def test_nothing_that_is_not_shown_can_be_told_from_what_is_not_there(pages: PageClient):
    empty = await pages.get("/directory?lang=en")
    assert empty.words("//*[@class='empty']") == ["Nothing is described here yet. Please ask at your community service station what there is."]
    assert empty.all("//form") == []
    hidden = await described("hidden", "en", is_public=False)

    assert (await pages.get("/directory?lang=en")).all("//article") == []
    there, nowhere = await pages.get(f"/directory/{hidden.public_id}?lang=en", status=404), await pages.get("/directory/unknown?lang=en", status=404)
    assert there.html.replace(hidden.public_id, "unknown") == nowhere.html


async def test_choice_is_kept_when_the_language_changes_and_pages_lead_there(pages: PageClient):
    made = await described("a", "zh-Hans", "en")
    await described("b", "zh-Hans", "en", area="sanlitun", kind="health_centre")
    page = await pages.get("/directory?lang=en&area=sanlitun&kind=library")

    assert page.words("//*[@class='empty']") == ["There is nothing of this kind in this area."]
    assert page.fields() == [("lang", "en"), ("area", "sanlitun"), ("kind", "library")]
    assert "/directory?lang=ko&area=sanlitun&kind=library" in page.links()
    chosen = await pages.get("/directory?lang=en&area=wangjing")
    assert [link.get("href") for link in chosen.all("//article//h4/a")] == [f"/directory/{made.public_id}?lang=en"]
    assert chosen.words("//article//dd") == ["Everybody", "Free of charge"]
    assert chosen.words("//article//p[@lang='zh-Hans']") == ["图书室 a"]
    for address in ("/?lang=en", "/events?lang=en"):
        assert "/directory?lang=en" in (await pages.get(address)).links()
    assert chosen.cookies == []


async def test_desk_writes_one_language_at_a_time_and_shows_and_hides(desk: httpx.AsyncClient):
    pages, made = PageClient(desk), await facility()
    address = f"/desk/facilities/{made.public_id}"
    page = await pages.get(f"{address}/words?in=ko")
    assert page.h1 == "library 设施: not described in any language yet"
    assert page.words("//ul[@class='states']/li")[:3] == ["Chinese, simplified still needed: Who may use it, How to use it", "English missing", "Korean missing"]

    refused = await pages.submit(page, {"is_public": "yes"}, form_id="shown", status=422)
    assert refused.words("//*[@role='alert']//li/a") == ["Show it to residents", "Open to"]
    long = await pages.submit(page, {"name": "도서실", "who": "누" * 301}, form_id="words", status=422)
    assert ("name", "도서실") in long.fields("words")
    saved = await pages.send(f"{address}/words", [("in", "ko"), ("seen", made.words_version("ko")), ("name", "도서실"), ("who", "누구나"), ("how", "무료")])
    assert (saved.status_code, saved.headers["location"]) == (303, f"{address}/words?in=ko&done=saved")
    late = await pages.submit(page, {"name": "도서관"}, form_id="words", status=409)
    assert ("name", "도서관") in late.fields("words")

    shown = await pages.send(f"{address}/shown", {"open_to": "area", "walk": "", "is_public": "yes"})
    assert shown.headers["location"] == f"{address}/words?done=shown"
    assert (await pages.get(f"{address}/words")).h1 == "library 设施: residents read about it in 1 of 10 languages"
    assert "shown to residents" in (await pages.get("/desk/facilities")).text
    assert "For everybody who lives in this area" in (await pages.get(f"/directory/{made.public_id}?lang=en")).text
    hidden = await pages.send(f"{address}/shown", {"open_to": "area", "walk": ""})
    assert hidden.headers["location"] == f"{address}/words?done=hidden"
    await pages.get(f"/directory/{made.public_id}?lang=en", status=404)
    assert (await desk.post(f"{address}/shown", data={"open_to": "friends"}, headers={"sec-fetch-site": "same-origin"})).status_code == 422


def test_demonstration_shows_both_states_in_every_language_but_chinese():
    told = fictional_words()

    assert told.keys() == {one.code for one in FACILITIES}
    complete = {code: {tag for tag, texts in one.texts.items() if texts["name"] and texts["who"] and texts["how"]} for code, one in told.items()}
    assert sum({"zh-Hans", "en", "ko", "ja"} <= tags for tags in complete.values()) == 6
    assert complete["wangjing-library"] == set(languages())
    assert all("zh-Hans" in tags for tags in complete.values())
    assert all(len(text) <= LONGEST[field] for one in told.values() for texts in one.texts.values() for field, text in texts.items())


async def test_areas_of_the_bundle_are_the_ones_that_a_choice_names(pages: PageClient):
    await described("a", "en")

    page = await pages.get("/directory?lang=ar")

    assert page.all("//select[@name='area']/option/@value") == ["", "wangjing"]
    assert "wangjing" in await area_ids()
    assert [(o.text, o.get("lang")) for o in page.all("//select[@name='area']/option")[1:]] == [("Wangjing Subdistrict", "en")]
