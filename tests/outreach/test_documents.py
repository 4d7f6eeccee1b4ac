"""Posters on paper: a decoder reads the code back from the printed page, and measures it."""

from __future__ import annotations

import msgspec
import pypdfium2
import pytest

from survey.authoring.service import bundled_form
from survey.errors import InputInvalid
from survey.fonts import APT_LINE, FontMissing
from survey.outreach import documents
from survey.outreach.documents import (
    FORMATS,
    SMALLEST_QR,
    Format,
    Poster,
    PosterFull,
    cards_pdf,
    document_pdf,
    make_poster,
    picture_png,
    poster_languages,
    poster_pdf,
)
from survey.questionnaire.form import Form
from tests.outreach.conftest import codes_on, darkest_around, pages_of, text_of

LINK = "https://linsheng.example.cn/c/7KQM3F"
ADDRESS = "linsheng.example.cn/c/7KQM3F"
CODES_ON_A_PAGE = {"poster": 1, "hanger": 2, "cards": 10}
FORM = bundled_form()


def _poster(*wanted: str, form: Form = FORM, is_fictional: bool = False) -> Poster:
    return make_poster(form=form, wanted=wanted, link=LINK, is_fictional=is_fictional)


def _without(*tags: str) -> Form:
    """The bundled form in fewer languages."""
    return msgspec.structs.replace(FORM, languages=[tag for tag in FORM.languages if tag not in tags])


@pytest.mark.parametrize("wanted", [("ko",), ("ar",), tuple(FORM.languages)], ids=["zh+ko", "zh+ar", "all ten"])
@pytest.mark.parametrize("format_", FORMATS)
def test_code_is_read_back_from_the_printed_page(format_: Format, wanted: tuple[str, ...]) -> None:
    [page] = pages_of(document_pdf(_poster(*wanted), format_))

    found = codes_on(page)

    assert [text for text, _ in found] == [LINK] * CODES_ON_A_PAGE[format_]
    assert min(width for _, width in found) >= SMALLEST_QR
    assert max(width for _, width in found) >= (60 if format_ == "poster" else SMALLEST_QR)
    assert set(darkest_around(page, modules=29)) == {255}
    assert text_of(page).count(ADDRESS) == CODES_ON_A_PAGE[format_]
    width, height = page.get_size()
    assert (round(width * 25.4 / 72), round(height * 25.4 / 72)) == (210, 297)


@pytest.mark.parametrize("format_", FORMATS)
def test_chinese_stands_first_beside_every_language(format_: Format) -> None:
    text = text_of(pages_of(document_pdf(_poster("ko"), format_))[0])

    assert text.index(FORM.title["zh-Hans"]) < text.index("우리")
    assert "What does your" not in text


def test_poster_says_what_who_how_long_and_whom_to_ask() -> None:
    text = "".join(text_of(pages_of(poster_pdf(_poster("en")))[0]).split())

    for tag in ("zh-Hans", "en"):
        for words in (FORM.title, FORM.notice.who, FORM.notice.contact):
            assert "".join(words[tag].split()) in text
    for words in ("约5分钟", "About5minutes", "Nonameorphonenumberisasked", "简体中文", "한국어", "日本語"):
        assert words in text


@pytest.mark.parametrize("format_", FORMATS)
def test_demonstration_is_marked_on_paper(format_: Format) -> None:
    mark = "演示，回答均为虚构"

    marked = text_of(pages_of(document_pdf(_poster("ko", is_fictional=True), format_))[0])
    real = text_of(pages_of(document_pdf(_poster("ko"), format_))[0])

    assert marked.count(mark) == CODES_ON_A_PAGE[format_]
    assert mark not in real


@pytest.mark.parametrize(
    ("languages", "wanted", "shown"),
    [
        (FORM.languages, [], ["zh-Hans"]),
        (FORM.languages, ["ar", "ko", "xx", "ko"], ["zh-Hans", "ko", "ar"]),
        (FORM.languages, ["zh-Hant", "zh-Hans"], ["zh-Hans", "zh-Hant"]),
        (["ko", "zh-Hant"], ["ko", "en"], ["zh-Hant", "ko"]),
    ],
)
def test_poster_languages(languages: list[str], wanted: list[str], shown: list[str]) -> None:
    assert poster_languages(msgspec.structs.replace(FORM, languages=languages), wanted) == shown


def test_draft_offers_the_languages_in_which_it_has_the_words() -> None:
    form = msgspec.structs.replace(
        FORM,
        title={tag: words for tag, words in FORM.title.items() if tag != "ko"},
        notice=msgspec.structs.replace(FORM.notice, who=FORM.notice.who | {"ja": ""}),
    )

    poster = _poster("ko", "ja", "ar", form=form)

    assert [words.tongue.tag for words in poster.words] == ["zh-Hans", "ar"]
    assert {"ko", "ja"} & {tongue.tag for tongue in poster.spoken} == set()


def test_survey_without_chinese_gets_no_poster() -> None:
    with pytest.raises(InputInvalid, match="Chinese"):
        _poster("ko", form=_without("zh-Hans", "zh-Hant"))


def test_each_language_gets_its_own_forms_of_characters() -> None:
    tongues = {tongue.tag: (tongue.lang, tongue.region, tongue.dir, tongue.fonts[0]) for tongue in _poster().spoken}

    assert tongues == {
        "zh-Hans": ("zh", "CN", "ltr", "Noto Sans CJK SC"),
        "zh-Hant": ("zh", "TW", "ltr", "Noto Sans CJK TC"),
        "ja": ("ja", "JP", "ltr", "Noto Sans CJK JP"),
        "ko": ("ko", "KR", "ltr", "Noto Sans CJK KR"),
        "ar": ("ar", None, "rtl", "Noto Sans Arabic"),
        **{tag: (tag, None, "ltr", "Noto Sans") for tag in ("en", "ru", "fr", "de", "es")},
    }


def test_same_poster_gives_the_same_bytes() -> None:
    one, again, other = (document_pdf(_poster(tag), "cards") for tag in ("ko", "ko", "ar"))

    assert one == again
    assert one != other


def test_cards_with_codes_carry_each_their_own() -> None:
    pairs = [(f"7KQM-3FZ{n:X}-QQXA", f"https://linsheng.example.cn/i/7KQM3FZ{n:X}QQXA") for n in range(12)]

    pages = pages_of(cards_pdf(_poster("ko"), codes=pairs))

    assert [text for page in pages for text, _ in codes_on(page)] == [link for _, link in pairs]
    assert min(width for page in pages for _, width in codes_on(page)) >= SMALLEST_QR
    for page, there in zip(pages, (pairs[:10], pairs[10:]), strict=True):
        text = text_of(page)
        assert all(text.count(code) == 1 and link.removeprefix("https://") in text for code, link in there)


def test_cards_of_no_codes_are_refused() -> None:
    with pytest.raises(InputInvalid, match="no codes"):
        cards_pdf(_poster("ko"), codes=[])


@pytest.mark.parametrize("format_", FORMATS)
def test_fonts_that_are_not_installed_stop_the_export(format_: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_families", lambda: {"Noto Sans", "Noto Sans CJK SC"})

    with pytest.raises(FontMissing, match="Noto Sans Arabic") as stopped:
        document_pdf(_poster("ar"), format_)

    assert APT_LINE in stopped.value.message
    with pytest.raises(FontMissing):
        picture_png(_poster("ar"), format_)


@pytest.mark.parametrize("format_", FORMATS)
def test_letter_that_no_font_has_stops_the_export_instead_of_printing_a_box(format_: Format) -> None:
    form = msgspec.structs.replace(FORM, title={**FORM.title, "zh-Hans": "需要\U00018b00什么"})

    with pytest.raises(FontMissing) as stopped:
        document_pdf(_poster("ko", form=form), format_)

    assert APT_LINE in stopped.value.message


@pytest.mark.parametrize("format_", FORMATS)
def test_texts_that_do_not_fit_are_refused_instead_of_cut(format_: Format) -> None:
    form = msgspec.structs.replace(FORM, title={tag: words * 12 for tag, words in FORM.title.items()})

    with pytest.raises(PosterFull):
        document_pdf(_poster("ko", form=form), format_)


def test_words_of_a_survey_are_printed_and_never_run() -> None:
    title = '#panic("x") $a$ *b* @c <d> \\ "e" // f'
    form = msgspec.structs.replace(FORM, title={**FORM.title, "en": title})

    text = text_of(pages_of(poster_pdf(_poster("en", form=form)))[0])

    assert '#panic("x") $a$ *b* @c <d> \\ "e" // f' in " ".join(text.split())


def test_survey_with_long_sentences_still_fits_on_a_poster() -> None:
    form = msgspec.structs.replace(FORM, title={tag: words * 3 for tag, words in FORM.title.items()})

    [page] = pages_of(poster_pdf(_poster("ar", form=form)))

    assert [text for text, _ in codes_on(page)] == [LINK]


def test_poster_can_be_read_aloud() -> None:
    """Tagged, with a title; the code has its address for words."""
    pdf = poster_pdf(_poster("ko"))

    assert pypdfium2.PdfDocument(pdf).get_metadata_dict()["Title"] == FORM.title["zh-Hans"]
    assert b"/MarkInfo" in pdf


@pytest.mark.parametrize("format_", FORMATS)
def test_picture_is_the_sheet_on_a_screen(format_: Format) -> None:
    picture = picture_png(_poster("ko"), format_)

    width, height = (int.from_bytes(picture[at : at + 4]) for at in (16, 20))
    assert picture.startswith(b"\x89PNG")
    assert (width, height) == (794, 1123)
