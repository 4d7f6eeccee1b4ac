"""A theme's page, its statements, and what is done there, as a committee member's browser gets them."""

from __future__ import annotations

import re

import httpx
import pytest

from survey.authoring.queries import SurveyView, find_survey
from survey.db.columns import to_json
from survey.db.transaction import write_transaction
from survey.themes.queries import list_events, newest_run
from survey.themes.tables import AnalysisRun, Theme
from tests.themes.board import (
    BOARD,
    DIFFERENCE,
    DOCTORS,
    LINKS,
    PLACES_TO_PARK,
    UNSORTED,
    WORDS,
    alert,
    cards,
    page_of,
    rows,
    send,
    stored,
    story,
    tick,
)
from tests.voices import (
    DOCTOR,
    GIBBERISH,
    Person,
    analyse,
    parsed,
    record,
    themes_by_key,
    words_in,
    words_of,
)


async def test_theme_page_shows_what_people_wrote_and_how_many(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    response = await desk.get(await page_of(analysed, DOCTORS))

    page = parsed(response)
    assert page.xpath("//main//h1/text()") == ["Doctors who speak our language"]
    assert "Health and medical care · 12 people · 50% · to review" in words_in(response)
    assert DOCTOR in words_in(response)
    assert "People by the language that they wrote in: English 100%" in words_in(response)
    assert "Nobody has decided anything yet." in words_in(response)


async def test_theme_page_of_nine_people_tells_no_number_and_no_language(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    response = await desk.get(await page_of(analysed, PLACES_TO_PARK))

    assert "Transport and parking · fewer than 10 people" in words_in(response)
    assert "People by the language that they wrote in" not in response.text
    assert "小区没有地方停车" not in response.text
    assert re.findall(r"38\s?%|37\.5|9 people|9 statements", response.text) == []


async def test_theme_page_counts_languages_of_few_people_together(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await record(
        survey,
        [
            *(Person(need=DOCTOR) for _ in range(20)),
            *(Person(need="의사가 필요해요", page="ko") for _ in range(4)),
            *(Person(need="小区需要医生", page="zh-Hans") for _ in range(7)),
        ],
    )
    await analyse(survey)

    response = await desk.get(await page_of(survey, DOCTORS))

    assert "People by the language that they wrote in: English 65% · others 35%" in words_in(response)


async def test_theme_page_escapes_what_people_wrote(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    wild = 'A doctor <script>alert("x")</script> & <b>more</b>'
    await record(survey, [Person(need=wild), Person(need=wild)])
    await analyse(survey)

    response = await desk.get(await page_of(survey, DOCTORS))

    page = parsed(response)
    assert [words_of(quote) for quote in page.xpath("//article//p[contains(@class, 'said-in')]")] == [wild, wild]
    assert page.xpath("//script") == []


async def test_theme_page_of_nobody_is_a_designed_page(desk: httpx.AsyncClient) -> None:
    response = await desk.get("/desk/themes/abcdefghij0123456789")

    assert response.status_code == 404
    assert parsed(response).xpath("//h1/text()") == ["Nothing is here"]


@pytest.mark.parametrize(
    ("decision", "state", "said"),
    [
        ("accept", "accepted", "The theme is accepted. It can go into a plan now."),
        ("dismiss", "dismissed", "The theme is dismissed. You can bring it back at any time."),
        ("reopen", "to review", "The theme is back for review."),
    ],
)
async def test_decision_changes_the_state_and_says_so(
    desk: httpx.AsyncClient, analysed: SurveyView, decision: str, state: str, said: str
) -> None:
    page = await page_of(analysed, DOCTORS)
    await send(desk, page, {"decision": "dismiss" if decision != "dismiss" else "accept", "why": "first thought"})

    response = await send(desk, page, {"decision": decision, "why": "second thought" if decision == "dismiss" else ""})

    shown = await desk.get(response.headers["location"])
    assert (response.status_code, response.headers["location"]) == (303, f"{page}?done={decision}")
    assert parsed(shown).xpath("//*[@class='said']/text()") == [said]
    assert words_of(parsed(shown).xpath("//*[contains(@class, 'tag')]")[0]) == state
    [newest, _] = story(shown)
    told = {"accept": "accepted “{}”", "dismiss": "dismissed “{}”", "reopen": "put “{}” back for review"}[decision]
    because = ", because: second thought" if decision == "dismiss" else ""
    assert newest == f"chen {told.format('Doctors who speak our language')}{because}"


async def test_dismissed_theme_leaves_the_table_and_can_be_found_below(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    page = await page_of(analysed, DOCTORS)
    await desk.post(page, data={"decision": "dismiss", "why": "known"})

    response = await desk.get(BOARD)

    assert cards(response) == ["Too few parking spaces"]
    assert words_of(parsed(response).xpath("//details[@id='dismissed']")[0]) == "1 dismissed theme Doctors who speak our language"
    assert parsed(response).xpath("//details[@id='dismissed']//a/@href") == [page]
    assert parsed(response).xpath("//main//h1/text()") == ["Need themes"]


async def test_rename_is_shown_everywhere_with_its_history(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    page = await page_of(analysed, DOCTORS)

    response = await desk.post(page, data={"decision": "rename", "name_zh-Hans": "外语看病", "name_en": " See a <doctor> "})

    shown = await desk.get(response.headers["location"])
    assert parsed(shown).xpath("//main//h1/text()") == ["See a <doctor>"]
    assert "See a <doctor>" in words_in(await desk.get(BOARD))
    assert story(shown) == [
        ("chen renamed the theme: “会说我们语言的医生” became “外语看病” (Chinese, simplified) and "
        "“Doctors who speak our language” became “See a <doctor>” (English)")
    ]


@pytest.mark.parametrize(("chinese", "english"), [("", "  "), ("好名字", "x" * 81)])
async def test_rename_that_cannot_be_used_keeps_what_was_typed(
    desk: httpx.AsyncClient, analysed: SurveyView, chinese: str, english: str
) -> None:
    before = await stored(analysed)

    response = await desk.post(
        await page_of(analysed, DOCTORS), data={"decision": "rename", "name_zh-Hans": chinese, "name_en": english}
    )

    page = parsed(response)
    assert response.status_code == 422
    assert alert(response) == "A name takes 1 to 80 characters."
    assert page.xpath("//input[@name='name_zh-Hans']/@value") == [chinese]
    assert page.xpath("//input[@name='name_en']/@value") == [english.strip()]
    assert await stored(analysed) == before


@pytest.mark.parametrize("decision", ["", "delete", "ACCEPT"])
async def test_decision_that_is_not_known_changes_nothing(
    desk: httpx.AsyncClient, analysed: SurveyView, decision: str
) -> None:
    before = await stored(analysed)

    response = await desk.post(await page_of(analysed, DOCTORS), data={"decision": decision})

    assert response.status_code == 422
    assert parsed(response).xpath("//h1/text()") == ["This cannot be used"]
    assert await stored(analysed) == before


async def test_theme_whose_people_are_gone_says_so(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    page = await page_of(analysed, DOCTORS)
    await desk.post(page, data={"decision": "accept"})
    await Theme.update({Theme.people: 0, Theme.statements: 0, Theme.quotes: "[]", Theme.languages: "{}"}).where(Theme.key == DOCTORS)

    response = await desk.get(page)

    assert "Nobody speaks of this theme at the moment." in words_in(response)
    assert "fewer than 10 people" in words_in(response)


async def test_unsorted_before_the_first_run_says_so(desk: httpx.AsyncClient) -> None:
    response = await desk.get(UNSORTED)

    assert "The answers have not been analysed yet." in words_in(response)


async def test_unsorted_where_everything_is_sorted_says_so(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await record(survey, [Person(need=DOCTOR), Person(need=DOCTOR)])
    await analyse(survey)

    response = await desk.get(UNSORTED)

    assert "Every statement belongs to a theme." in words_in(response)


async def test_unsorted_shows_each_statement_and_pages_through_all_by_language(desk: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.themes.queries.PAGE", 2)
    survey = await find_survey("community-needs")
    await record(survey, [*(Person(need=f"{GIBBERISH} {letter * 5}") for letter in "abc"), Person(need="무엇이든 좋아요", page="ko")])
    await analyse(survey)

    first = await desk.get(UNSORTED)
    [further] = parsed(first).xpath("//a[@rel='next']/@href")
    second, korean = await desk.get(further), await desk.get(UNSORTED, params={"language": "ko"})

    def texts(response: httpx.Response) -> list[str]:
        return [words_of(found) for found in parsed(response).xpath("//div[@class='tick']//label")]

    assert (texts(first), texts(second)) == ([f"{GIBBERISH} aaaaa", f"{GIBBERISH} bbbbb"], [f"{GIBBERISH} ccccc", "무엇이든 좋아요"])
    assert texts(korean) == ["무엇이든 좋아요"]
    assert "4 statements belong to no theme" in words_in(first)
    assert parsed(second).xpath("//a[@rel='next']") == []


async def test_ticked_statements_are_moved_made_a_theme_and_taken_out(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    doctors, parking = await page_of(analysed, DOCTORS), await page_of(analysed, PLACES_TO_PARK)
    target = parking.rsplit("/", 1)[1]
    unsorted = await desk.get(UNSORTED)

    moved = await desk.post(UNSORTED, data={"act": "move", "to": target, "statement": await tick(unsorted), "why": "because"})
    made = await desk.post(f"{doctors}/statements", data={"act": "new", "new_zh-Hans": "夜间看病", "statement": await tick(await desk.get(f"{doctors}/statements"), most=2)})
    out = await desk.post(f"{doctors}/statements", data={"act": "forbid", "statement": await tick(await desk.get(f"{doctors}/statements"))})

    assert [reply.status_code for reply in (moved, made, out)] == [303, 303, 303]
    themes = await themes_by_key(analysed)
    assert (themes[PLACES_TO_PARK].people, themes[DOCTORS].people) == (10, 9)
    assert {theme.names.get("zh-Hans"): theme.people for theme in themes.values()}["夜间看病"] == 2
    assert story(await desk.get(parking)) == ["chen moved 1 unsorted statement to “Too few parking spaces”, because: because"]
    assert story(await desk.get(doctors))[0] == "chen took 1 statement out of “Doctors who speak our language”"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"act": "move", "to": "T"}, "Tick at least one statement."),
        ({"act": "move", "to": "", "statement": "S"}, "Choose another theme."),
        ({"act": "new", "new_en": " ", "statement": "S"}, "A name takes 1 to 80 characters."),
        ({"act": "forbid", "statement": "S", "why": "x" * 501}, "A reason takes at most 500 characters."),
        ({"act": "forbid", "statement": "999999"}, "These statements are no longer here: somebody moved them, or the answers were withdrawn."),
    ],
)
async def test_act_on_statements_that_cannot_be_done_keeps_what_was_typed(
    desk: httpx.AsyncClient, analysed: SurveyView, fields: dict[str, str], said: str
) -> None:
    address = f"{await page_of(analysed, DOCTORS)}/statements"
    [statement] = await tick(await desk.get(address))
    target = (await page_of(analysed, PLACES_TO_PARK)).rsplit("/", 1)[1]
    sent = {name: {"T": target, "S": statement}.get(value, value) for name, value in fields.items()}
    before = await stored(analysed)

    response = await desk.post(address, data=sent)

    assert response.status_code == (409 if "no longer here" in said else 422)
    assert alert(response) == said
    assert parsed(response).xpath("//input[@name='statement'][@checked]/@value") == ([statement] if sent.get("statement") == statement else [])
    assert parsed(response).xpath("//input[@name='why']/@value") == [sent.get("why", "")]
    assert parsed(response).xpath("//select[@name='to']/option[@selected]/@value") == ([target] if sent.get("to") else [])
    assert await stored(analysed) == before


async def test_who_was_overtaken_learns_by_whom_keeps_the_words_and_can_go_on(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    page = await page_of(analysed, DOCTORS)
    [seen] = set(parsed(await desk.get(page)).xpath("//input[@name='seen']/@value"))
    await desk.post(page, data={"decision": "rename", "name_en": "Doctors"})

    mine = {"decision": "rename", "name_en": "Clinics & doctors", "seen": seen, "why": "shorter"}
    response = await desk.post(page, data=mine)

    form = parsed(response).xpath("//*[@role='alert']//form")[0]
    assert response.status_code == 409
    assert "Somebody was faster Since you opened this page:" in alert(response)
    assert "chen renamed the theme: “Doctors who speak our language” became “Doctors” (English)" in alert(response)
    assert parsed(response).xpath("//input[@type='text'][@name='name_en']/@value") == ["Clinics & doctors"]
    assert (await themes_by_key(analysed))[DOCTORS].names["en"] == "Doctors"
    again = dict(zip(form.xpath("./input/@name"), form.xpath("./input/@value"), strict=True))
    assert again == {**mine, "anyway": "1"}
    assert (await desk.post(page, data=again)).status_code == 303
    assert (await themes_by_key(analysed))[DOCTORS].names["en"] == "Clinics & doctors"


async def test_merged_theme_leads_to_the_other_and_undoing_it_is_offered_in_its_history(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    doctors, parking = await page_of(analysed, DOCTORS), await page_of(analysed, PLACES_TO_PARK)

    await desk.post(doctors, data={"decision": "merge", "into": parking.rsplit("/", 1)[1], "why": "一回事"})

    old = await desk.get(doctors)
    shown = await desk.get(old.headers["location"])
    assert (old.status_code, old.headers["location"].split("?")[0]) == (303, parking)
    assert "“Doctors who speak our language” is now part of this theme." in words_in(shown)
    assert "21 people" in words_in(shown)
    assert story(shown) == ["chen merged “Doctors who speak our language” into “Too few parking spaces”, because: 一回事"]
    [event] = parsed(shown).xpath("//ol[@class='story']//input[@name='event']/@value")
    undone = await desk.post(parking, data={"decision": "undo", "event": event})
    assert undone.status_code == 303
    assert (await desk.get(doctors)).status_code == 200
    assert story(await desk.get(f"{BOARD}/history"))[0].startswith("chen undid this: chen merged")


async def test_undo_that_others_build_on_says_which(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    page = await page_of(analysed, DOCTORS)
    await send(desk, page, {"decision": "accept"})
    await send(desk, page, {"decision": "dismiss", "why": "known"})
    [_, first] = parsed(await desk.get(page)).xpath("//ol[@class='story']//input[@name='event']/@value")

    for address, fields in ((page, {"decision": "undo", "event": first}), (f"{BOARD}/history", {"event": first})):
        response = await desk.post(address, data=fields)
        assert response.status_code == 409
        assert "This cannot be undone yet" in alert(response)
        assert "chen dismissed “Doctors who speak our language”" in alert(response)
    assert (await themes_by_key(analysed))[DOCTORS].state == "dismissed"


async def test_split_proposes_parts_and_the_address_leads_to_them(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    night = [Person(need=f"a doctor at night for {who}") for who in ("children", "old people", "everybody", "us", "all", "guests")]
    teeth = [Person(need=f"a doctor for teeth {where}") for where in ("nearby", "here", "in the compound", "downstairs", "soon", "now")]
    await record(survey, [*night, *teeth])
    await analyse(survey)
    address = await page_of(survey, DOCTORS)

    proposed = parsed(await desk.get(f"{address}/split"))
    parts = [proposed.xpath(f"//input[@name='example_{n}']/@value") for n in (1, 2)]
    response = await desk.post(
        f"{address}/split",
        data={"part_1_zh-Hans": "甲", "part_2_zh-Hans": "乙", "example_1": parts[0], "example_2": parts[1], "why": "two needs"},
    )

    assert all(len(part) >= 2 for part in parts)
    assert not set(parts[0]) & set(parts[1])
    assert response.status_code == 303
    ended = await desk.get(address)
    assert parsed(ended).xpath("//h1/text()") == ["“Doctors who speak our language” was split"]
    assert sorted(theme.statements for theme in (await themes_by_key(survey)).values()) == [6, 6]
    assert story(ended) == ["chen split “Doctors who speak our language” into “甲” and “乙”, because: two needs"]


async def test_difference_is_shown_with_examples_and_taken(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    await desk.post(await page_of(analysed, DOCTORS), data={"decision": "accept"})
    await desk.post(WORDS, data={"word": f"{(await page_of(analysed, DOCTORS)).rsplit('/', 1)[1]}|en|flonk"})
    await analyse(analysed)

    board, response = await desk.get(BOARD), await desk.get(DIFFERENCE)

    assert "The new analysis would move 2 statements" in words_in(board)
    assert parsed(response).xpath("//h1/text()") == ["The new analysis would move 2 statements"]
    assert "Doctors who speak our language 2 statements would come in" in words_in(response)
    assert GIBBERISH in words_in(response)
    assert "unsorted → Doctors who speak our language" in words_in(response)
    [run] = set(parsed(response).xpath("//input[@name='run']/@value"))
    taken = await desk.post(DIFFERENCE, data={"run": run, "answer": "take", "why": "yes"})
    assert (taken.status_code, taken.headers["location"]) == (303, f"{BOARD}?done=take")
    assert (await themes_by_key(analysed))[DOCTORS].people == 14
    assert parsed(await desk.get(DIFFERENCE)).xpath("//h1/text()") == ["No difference waits"]
    assert story(await desk.get(f"{BOARD}/history"))[0] == "chen took over what the new analysis found: 2 statements moved, because: yes"
    again = await desk.post(DIFFERENCE, data={"run": run, "answer": "take"})
    assert again.status_code == 409


async def test_words_are_suggested_ticked_and_taken_out(desk: httpx.AsyncClient) -> None:
    survey = await find_survey("community-needs")
    await record(survey, [Person(need=f"a doctor for our toothache {word}") for word in ("now", "here", "please", "soon")])
    await analyse(survey)

    page = parsed(await desk.get(WORDS))
    [value] = [value for value in page.xpath("//input[@name='word']/@value") if value.endswith("toothache")]
    added = await desk.post(WORDS, data={"word": value})

    shown = await desk.get(added.headers["location"])
    assert "1 word was added." in words_in(shown)
    assert rows(shown) == [["toothache", "English", "Doctors who speak our language", "chen", "Take out"]]
    assert value not in parsed(shown).xpath("//input[@name='word']/@value")
    [number] = parsed(shown).xpath("//button[@name='remove']/@value")
    await desk.post(WORDS, data={"remove": number})
    assert "No word was added yet." in words_in(await desk.get(WORDS))
    none = await desk.post(WORDS)
    assert (none.status_code, alert(none)) == (422, "Tick at least one word.")


async def test_link_between_languages_is_confirmed_or_refused_for_good(desk: httpx.AsyncClient, analysed: SurveyView) -> None:
    async with write_transaction(AnalysisRun):
        run = await newest_run(analysed.id)
        assert run is not None
        figures = to_json({**run.figures, "links": [[DOCTORS, PLACES_TO_PARK, 0.8]]})
        await AnalysisRun.update({AnalysisRun.figures: figures}).where(AnalysisRun.id == run.id)
    pair = {"one": DOCTORS, "other": PLACES_TO_PARK}
    assert "The same need in two languages?" in words_in(await desk.get(BOARD))

    refused = await desk.post(LINKS, data={**pair, "answer": "two"})

    assert refused.status_code == 303
    assert "The same need in two languages?" not in words_in(await desk.get(BOARD))
    [event] = [event.id for event in await list_events(analysed.id)]
    await desk.post(f"{BOARD}/history", data={"event": str(event)})
    assert "The same need in two languages?" in words_in(await desk.get(BOARD))
    await desk.post(LINKS, data={**pair, "answer": "same"})
    assert (await themes_by_key(analysed))[DOCTORS].people == 21
    assert (await desk.post(LINKS, data={**pair, "answer": "perhaps"})).status_code == 422
