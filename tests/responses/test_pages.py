"""The resident's pages over HTTP, without JavaScript: choose a language, answer, mend, change the language, send.

`PageClient` checks every page on the way: language and direction, labels, ids, headers, English left behind.
"""

from __future__ import annotations

import gzip
import re

import pytest

from survey.authoring.service import bundled_form, close_survey, create_survey
from survey.i18n.languages import languages
from survey.i18n.speech import speech
from survey.responses.rules import CLIENT_ID
from survey.responses.tables import Consent
from tests.pages import PageClient
from tests.responses.visits import (
    SENT,
    SURVEY,
    TAGS,
    TICKS,
    WHO,
    WRITTEN,
    answers_in,
    code_on,
    count_of,
    hidden_in,
    open_form,
    say,
    stored,
)

CHOOSER_ORDER = ["zh-Hans", "en", "ko", "ja", "ru", "fr", "de", "es", "ar", "zh-Hant"]
OWN_NAMES = {
    "zh-Hans": "简体中文", "en": "English", "ko": "한국어", "ja": "日本語", "ru": "Русский", "fr": "Français",
    "de": "Deutsch", "es": "Español", "ar": "العربية", "zh-Hant": "繁體中文",
}  # fmt: skip

# The first page


@pytest.mark.parametrize("language", TAGS)
async def test_home_lists_open_surveys_in_the_language_that_the_browser_wishes(pages: PageClient, language: str):
    await create_survey(slug="not-yet", form=bundled_form())

    page = await pages.get("/", wish=f"{language},en;q=0.1")

    assert page.language == language
    assert page.words("//article/h2") == [bundled_form().title[language]]
    assert page.all("//article/a")[0].get("href") == f"{SURVEY}?lang={language}"


async def test_home_prefers_the_address_to_the_browser(pages: PageClient):
    assert (await pages.get("/?lang=ar", wish="ko")).language == "ar"


@pytest.mark.parametrize(
    ("address", "wish", "language"),
    [("/?lang=xx", "ko", "ko"), ("/", "", "en"), ("/", "pt-BR", "en"), ("/?lang=", "*", "en"), ("/", ";;q=,,;q=2", "en")],
)
async def test_home_without_a_language_that_it_speaks(pages: PageClient, address: str, wish: str, language: str):
    assert (await pages.get(address, wish=wish)).language == language


async def test_home_offers_every_language_in_its_own_name(pages: PageClient):
    page = await pages.get("/?lang=ja")

    offered = [(a.get("hreflang"), a.get("lang"), a.get("href"), a.text) for a in page.all("//header//li/a")]
    assert offered == [(tag, tag, f"/?lang={tag}", OWN_NAMES[tag]) for tag in CHOOSER_ORDER]


async def test_home_says_when_no_survey_is_open(pages: PageClient):
    await close_survey("community-needs", actor="test", role="administrator")

    page = await pages.get("/?lang=de")

    assert page.words("//*[@class='empty']") == [say("de", "No survey is open at the moment. Please come back later.")]
    assert page.all("//article") == []


# The choice of a language


WISHES = [
    ("ko-KR,ko;q=0.9,en;q=0.8", "ko"), ("zh-TW,zh;q=0.9", "zh-Hant"), ("zh-CN", "zh-Hans"), ("en;q=0.1, ar;q=0.9", "ar"),
    ("ar;q=0, fr", "fr"),
]  # fmt: skip


@pytest.mark.parametrize(("wish", "language"), WISHES)
async def test_survey_opens_in_the_language_that_the_browser_wishes(pages: PageClient, wish: str, language: str):
    page = await pages.get(SURVEY, wish=wish)

    assert (page.language, page.h1, hidden_in(page)["_language"]) == (language, bundled_form().title[language], language)


@pytest.mark.parametrize("wish", ["pt-BR,pt", "", ";;;,q=,\xe9"])
async def test_chooser_shows_own_names_where_the_browser_wishes_nothing_that_the_survey_speaks(pages: PageClient, wish: str):
    page = await pages.get(SURVEY, wish=wish)

    offered = [(a.get("lang"), a.get("dir"), a.get("href"), a.text) for a in page.all("//main//li/a")]
    assert offered == [
        (tag, "rtl" if tag == "ar" else "ltr", f"{SURVEY}?lang={tag}", OWN_NAMES[tag]) for tag in CHOOSER_ORDER
    ]
    assert (page.language, page.h1) == ("zh-Hans", bundled_form().title["zh-Hans"])


async def test_chooser_keeps_the_channel_of_the_poster(pages: PageClient):
    page = await pages.get(f"{SURVEY}?c=poster-7")

    assert {href for href in page.links() if href.startswith("/s/")} == {f"{SURVEY}?lang={tag}&c=poster-7" for tag in TAGS}


async def test_unknown_language_gets_the_choice_as_not_found(pages: PageClient):
    page = await pages.get(f"{SURVEY}?lang=tlh", wish="fr", status=404)

    assert page.words("//*[@role='alert']") == [
        speech("resident", "fr").gettext(
            "This survey does not speak the language “%(tag)s”. Please choose one of these.", tag="tlh"
        )
    ]
    assert [a.text for a in page.all("//main//li/a")] == ["Français", *[OWN_NAMES[t] for t in CHOOSER_ORDER if t != "fr"]]


async def test_unknown_language_is_shown_as_text_and_not_at_length(pages: PageClient):
    page = await pages.get(f"{SURVEY}?lang=<script>alert(1)</script>{'x' * 2000}", status=404)

    assert "<script>alert(1)</sc”" in page.text
    assert "xxx" not in page.text


async def test_language_tag_is_taken_as_it_is_written(pages: PageClient):
    """Tags never change: links are made with the right spelling, so that caches and counts see one address."""
    assert (await pages.get(f"{SURVEY}?lang=ZH-hans", status=404)).all("//form") == []


# The survey


@pytest.mark.parametrize("language", TAGS)
async def test_survey_shows_the_whole_form_in_its_language(pages: PageClient, language: str):
    page = await open_form(pages, language)

    form = bundled_form()
    must = say(language, "please answer")
    asked = [question.label[language] + (f" ({must})" if question.required else "") for question in form.questions()]
    assert (page.language, page.h1) == (language, form.title[language])
    assert page.words("//legend | //label[@class='ask']") == asked
    assert page.words("//section/h2[starts-with(@id, 'h-')]") == [section.title[language] for section in form.sections]
    assert page.words("//dl/dd") == [
        getattr(form.notice, name)[language] for name in ("who", "why", "kept", "until", "rights", "contact")
    ]


@pytest.mark.parametrize("language", ["ko", "ar"])
async def test_survey_lists_every_choice_under_a_value_that_all_languages_share(pages: PageClient, language: str):
    page = await open_form(pages, language)

    areas = page.all("//select[@name='subdistrict']/option")
    question = bundled_form().question_for("area")
    assert question is not None
    assert [(option.get("value"), option.text) for option in areas] == [
        ("", say(language, "Please choose")),
        *[(choice.value, choice.label[language]) for choice in question.choices],
        ("prefer_not_to_say", say(language, "I prefer not to say")),
    ]


async def test_survey_page_has_an_id_of_its_own_each_time(pages: PageClient):
    """A second person on a family's phone is a second answer."""
    ids = [dict((await open_form(pages)).fields())["_client"] for _ in range(3)]

    assert len(set(ids)) == 3
    assert all(CLIENT_ID.fullmatch(found) for found in ids)


async def test_survey_page_starts_empty(pages: PageClient):
    page = await open_form(pages, "ru", "&c=poster-7")

    hidden = {name: value for name, value in page.fields() if name.startswith("_")}
    assert (hidden["_language"], hidden["_channel"], hidden["_more"]) == ("ru", "poster-7", "")
    assert (hidden["_step"], hidden["_seed"].isdigit()) == ("0", True)
    assert page.answers() == []
    assert [box.get("name") for box in page.all("//input[@checked]")] == []


async def test_page_without_its_two_ticks_stores_nothing_and_keeps_what_was_typed(pages: PageClient):
    """The age and the agreement are asked for on the page; programs that send for others vouch for both themselves."""
    page = await open_form(pages, "en")

    again = await pages.submit(page, {**WHO, "need_most": "a doctor"}, status=422)

    assert again.errors() == [
        ("#q-_age", "Please tick this if it is so. If you are younger, please ask a parent or guardian to answer."),
        ("#q-_agree", "Please tick this if you agree. Without it we may not use your answers."),
    ]
    assert await count_of() == 0
    once_more = await pages.submit(again, {"_age": "yes"}, status=422)
    assert [where for where, _ in once_more.errors()] == ["#q-_agree"]
    await pages.submit(once_more, {"_agree": "yes"})
    assert [row["answers"] for row in await stored()] == [{**WHO, "need_most": "a doctor"}]
    purposes = await Consent.select(Consent.purpose).order_by(Consent.purpose)
    assert [row["purpose"] for row in purposes] == ["age", "processing"]


async def test_answers_and_ticks_that_are_missing_are_listed_together(pages: PageClient):
    again = await pages.submit(await open_form(pages), {**TICKS, "_age": [], "subdistrict": "wangjing"}, status=422)

    assert [where for where, _ in again.errors()] == ["#q-_age", "#q-time_in_beijing", "#q-origin"]


async def test_conditions_are_compiled_into_a_style_that_the_policy_allows_by_its_hash(pages: PageClient):
    page = await open_form(pages)

    style = page.words("//style")[0]
    classes = {name for element in page.all("//*[contains(@class, 'when-')]") for name in element.get("class").split()}
    hidden = {name for name in classes if name.startswith("when-")}
    assert len(hidden) == 13
    assert all(f".{name}{{display:none}}" in style for name in hidden)
    assert "unsafe" not in page.response.headers["content-security-policy"]


async def test_unknown_survey_is_a_page_in_the_visitors_language(pages: PageClient):
    for page in (
        await pages.get("/s/nothing-here", wish="ko", status=404),
        await pages.post("/s/nothing-here", {"_language": "ko"}, status=404, headers={"accept-language": "ko"}),
    ):
        assert (page.language, page.h1) == ("ko", say("ko", "Nothing is here"))
        assert "nothing-here" not in page.text


# Mistakes


async def test_mistakes_are_listed_with_a_link_to_each_question(pages: PageClient):
    page = await open_form(pages, "ko")

    again = await pages.submit(
        page, {**TICKS, "need_most": "의사" * 1500, "importance_health": "9", "may_quote": []}, status=422
    )

    required = say("ko", "Please answer this question, or choose “I prefer not to say”.")
    assert again.errors() == [
        ("#q-subdistrict", required),
        ("#q-time_in_beijing", required),
        ("#q-origin", required),
        ("#q-need_most", say("ko", "This text is too long. Please keep it under %(limit)s characters.") % {"limit": 2000}),
        ("#q-importance_health", say("ko", "Please write a number that is not above %(limit)s.") % {"limit": 5}),
    ]
    assert again.title.startswith(say("ko", "Please check your answers"))
    assert await count_of() == 0


async def test_mistake_is_told_at_its_question_too(pages: PageClient):
    page = await pages.submit(await open_form(pages), {**TICKS, "need_most": "x" * 2001}, status=422)

    described = page.all("//textarea[@name='need_most']")[0]
    fieldset = page.all("//fieldset[@id='q-origin']")[0]
    assert (described.get("aria-invalid"), described.get("aria-describedby").split()[-1]) == ("true", "need_most-why")
    assert (fieldset.get("aria-invalid"), fieldset.get("aria-describedby")) == ("true", "origin-why")
    assert page.words("//*[@id='need_most-why']") == ["This text is too long. Please keep it under 2000 characters."]
    assert page.all("//textarea[@name='change_first']")[0].get("aria-invalid") is None


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
async def test_mistakes_lose_nothing_that_was_typed(pages: PageClient, language: str, text: str):
    given = {
        **TICKS, "time_in_beijing": "over_5_years", "origin": "prefer_not_to_say", "need_most": text, "change_first": text,
        "aware_library": "yes", "used_library": "no", "importance_safety": "4", "participation": ["events", "teach"],
        "may_quote": "yes",
    }  # fmt: skip
    page = await open_form(pages, language, "&c=poster-7")

    again = await pages.submit(page, given, status=422)

    assert again.errors()[0][0] == "#q-subdistrict"
    assert sorted(again.answers()) == answers_in(given)
    assert hidden_in(again) == {**hidden_in(page), **TICKS}


async def test_mended_form_is_taken_as_one_answer(pages: PageClient):
    again = await pages.submit(await open_form(pages, "ko"), {"need_most": "의사가 필요해요"}, status=422)

    await pages.submit(again, SENT)

    assert [(row["language"], row["answers"]) for row in await stored()] == [
        ("ko", {**WHO, "need_most": "의사가 필요해요"})
    ]


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
async def test_text_is_stored_as_it_was_typed(pages: PageClient, text: str):
    await pages.submit(await open_form(pages), {**SENT, "need_most": text})

    assert [row["answers"]["need_most"] for row in await stored()] == [text.replace("\r\n", "\n").strip()]


async def test_answer_and_refusal_together_ask_which_one(pages: PageClient):
    fields = [*SENT.items(), ("need_most", "a doctor"), ("need_most", "prefer_not_to_say")]
    hidden = list(hidden_in(await open_form(pages)).items())

    page = await pages.post(SURVEY, [*hidden, *fields], status=422)

    assert page.errors() == [
        ("#q-need_most", say("en", "You answered and also chose “I prefer not to say”. Please keep one of the two."))
    ]
    assert [value for name, value in page.answers() if name == "need_most"] == ["a doctor", "prefer_not_to_say"]


# Another language in the middle


async def test_language_switch_keeps_every_answer_through_all_languages(pages: PageClient):
    given = {
        **WHO, "need_most": WRITTEN["script"], "change_first": WRITTEN["arabic"], "aware_library": "yes",
        "used_library": "yes", "satisfied_library": "2", "belonging": "prefer_not_to_say",
        "participation": ["events", "online"], "may_contact": "yes",
    }  # fmt: skip
    page = await pages.submit(await open_form(pages, "en", "&c=poster-7"), given, button=("_switch", "en"))
    hidden = hidden_in(page)

    for language in [*TAGS, "en"]:
        page = await pages.submit(page, button=("_switch", language))

        assert page.language == language
        assert page.h1 == bundled_form().title[language]
        assert hidden_in(page) == {**hidden, "_language": language}
        assert sorted(page.answers()) == answers_in(given)
        assert page.errors() == []
    assert await count_of() == 0


async def test_language_switch_to_an_unknown_language_sends_nothing_away(pages: PageClient):
    """The value comes from our own button; any other is not a switch, and the form is checked as usual."""
    page = await pages.submit(await open_form(pages), {"need_most": "a doctor"}, button=("_switch", "tlh"), status=422)

    assert (page.language, page.answers()) == ("en", [("need_most", "a doctor")])


async def test_language_buttons_stand_on_the_survey_page_and_belong_to_its_form(pages: PageClient):
    page = await open_form(pages, "ja")

    buttons = [(b.get("form"), b.get("value"), b.get("lang"), b.text) for b in page.all("//button[@name='_switch']")]
    assert buttons == [("survey-form", tag, tag, OWN_NAMES[tag]) for tag in CHOOSER_ORDER]


# The trap for robots


async def test_trap_that_was_filled_in_stores_nothing_and_keeps_what_was_typed(pages: PageClient):
    page = await open_form(pages, "fr")

    again = await pages.submit(page, {**SENT, "need_most": "un médecin", "_more": "http://spam.example"}, status=422)

    assert sorted(again.answers()) == sorted([*WHO.items(), ("need_most", "un médecin")])
    assert hidden_in(again) == {**hidden_in(page), **TICKS}
    assert again.words("//*[@role='alert' and not(@hidden)]") == [
        say("fr", "One field that should stay empty was filled in, perhaps by your browser. "
                  "Your answers are all here: please send them again.")
    ]  # fmt: skip
    assert await count_of() == 0


async def test_trap_lets_a_person_through_at_the_second_try(pages: PageClient):
    again = await pages.submit(await open_form(pages), {**SENT, "_more": "x"}, status=422)

    code_on(await pages.submit(again))

    assert await count_of() == 1


async def test_trap_is_hidden_from_eyes_keyboards_and_screen_readers(pages: PageClient):
    trap = (await open_form(pages)).all("//input[@name='_more']")[0]

    assert (trap.get("tabindex"), trap.get("autocomplete")) == ("-1", "off")
    assert trap.xpath("string(ancestor::p/@aria-hidden)") == "true"


# The weight of the first page


@pytest.mark.parametrize("language", TAGS)
async def test_first_page_is_light(pages: PageClient, language: str):
    """At most 30 KB gzipped, 12 KB of it scripts, for the phone with a bad line: page, style, modules, nothing else, and no
    module that is only found once another has come.
    """
    page = await open_form(pages, language)

    needed = [str(found) for found in page.root.xpath("//script/@src | //link[not(starts-with(@href, 'data:'))]/@href")]
    needed += [str(found) for found in page.root.xpath("//img/@src | //source/@src | //video/@src")]
    files = {address: await pages.http.get(address) for address in needed}
    assert {file.status_code for file in files.values()} == {200}
    assert 1 + len(files) <= 8
    assert not [file.url for file in files.values() if re.search(r"@import|url\(|import\(", file.text)]
    modules = {address: file for address, file in files.items() if address.endswith(".mjs")}
    imported = {f"/static/modules/{name}" for file in modules.values() for name in re.findall(r'from "\./([^"]+)"', file.text)}
    assert imported < modules.keys()
    packed = {address: len(gzip.compress(file.content, 9)) for address, file in files.items()}
    assert sum(packed[address] for address in modules) <= 12 * 1024
    assert len(gzip.compress(page.response.content, 6)) + sum(packed.values()) <= 30 * 1024


async def test_every_language_of_the_interface_is_in_these_tests():
    assert sorted(languages()) == sorted(TAGS)
