"""Words for labels, in ten languages: what a reader would call the thing, and no filler."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from types import SimpleNamespace

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.text import tokens
from analysis.text.tokens import analysers, label_words, stem, stop_words, words
from tests.analysis.conftest import OUR_LANGUAGES

OPTIONAL = ("kiwipiepy", "fugashi", "unidic_lite")
Install = Callable[..., None]


def forget() -> None:
    """What is installed is asked once a process; here it changes between tests."""
    for loader in (tokens._optional, tokens._korean, tokens._japanese):
        loader.cache_clear()


@pytest.fixture(autouse=True)
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """No optional package is there, installed or not, until a test puts one there: a fake, or None for the real one."""
    for name in OPTIONAL:
        monkeypatch.setitem(sys.modules, name, None)

    def put(**modules: object) -> None:
        for name, module in modules.items():
            monkeypatch.delitem(sys.modules, name)
            if module is None:
                pytest.importorskip(name)
            else:
                monkeypatch.setitem(sys.modules, name, module)
        forget()

    forget()
    yield put
    forget()


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("zh-Hans", "希望派出所帮外国人办理居住证延期", ["派出所", "办理", "居住证", "延期"]),
        ("zh-Hans", "望京的接诉即办和老年餐桌", ["望京", "接诉即办", "老年餐桌"]),
        ("zh-Hant", "派出所幫忙辦理居住證，醫院沒有停車位", ["派出所", "辦理", "居住證", "醫院", "停車位"]),
        ("ko", "주차장이 부족하고 관리사무소에서 대답이 없습니다", ["주차장", "부족", "관리사무소", "대답"]),
        ("ko", "엘리베이터를 고쳐주세요", ["엘리베이터"]),
        ("ja", "駐車場が足りません。ゴミの分別を説明してください", ["駐車場", "ゴミ", "分別", "説明"]),
        ("ru", "Нет мест для парковки", ["мест", "парковки"]),
        ("en", "The neighbours' dogs aren’t on a leash", ["neighbours", "dogs", "leash"]),
        ("fr", "L’ascenseur d'en face est cassé", ["ascenseur", "face", "cassé"]),
        ("de", "Die Straßenlaternen sind kaputt", ["straßenlaternen", "kaputt"]),
        ("es", "Los perros andan sin correa", ["perros", "andan", "correa"]),
        ("ar", "لا يوجد مواقف للسيارات في الشارع", ["مواقف", "للسيارات", "الشارع"]),
        ("und", "Parking, 24 h/day", ["parking", "day"]),
    ],
)
def test_words_are_the_content_words_as_they_may_be_shown(language: str, text: str, found: list[str]) -> None:
    assert words(text, language) == found


def test_words_of_chinese_come_from_a_tokenizer_of_our_own() -> None:
    """Who uses jieba beside us keeps jieba as it is: BERTopic and turftopic share the global one (pitfall of both)."""
    term = "接诉即办老年餐桌"
    before = list(jieba.cut(term))

    ours = words(term, "zh-Hans")

    assert ours == ["接诉即办", "老年餐桌"]
    assert list(jieba.cut(term)) == before
    assert "接诉即办" not in jieba.dt.FREQ


def test_words_of_traditional_chinese_keep_their_spelling_and_are_cut_like_simplified() -> None:
    traditional, simplified = words("社區醫院沒有兒科醫師", "zh-Hant"), words("社区医院没有儿科医师", "zh-Hans")

    assert [len(word) for word in traditional] == [len(word) for word in simplified]
    assert "兒科" in traditional
    assert "儿科" in simplified


FILLERS = {
    "zh-Hans": "我觉得这里应该还可以有更多的",
    "zh-Hant": "我覺得這裡應該還可以有更多的",
    "en": "I would like that you please do it for us, thank you",
    "ko": "저는 그리고 우리가 너무 많이 해주세요",
    "ja": "ここはもっとほしいとおもいます",
    "ru": "я хочу чтобы это было у нас и очень для всех",
    "fr": "je voudrais que ce soit pour nous, s'il vous plaît, merci",
    "de": "ich möchte dass es für uns hier auch so ist, bitte",
    "es": "yo quisiera que esto sea para nosotros, por favor",
    "ar": "أنا أريد أن يكون هذا من أجل كل",
}


@pytest.mark.parametrize("language", OUR_LANGUAGES)
def test_words_of_filler_are_none(language: str) -> None:
    assert words(FILLERS[language], language) == []


@pytest.mark.parametrize("language", OUR_LANGUAGES)
def test_stop_words_are_written_as_words_are_compared(language: str) -> None:
    stops = stop_words(language)

    assert len(stops) >= 250
    assert {word for word in stops if word != word.lower()} == set()


def test_stop_words_of_a_language_without_a_list_are_none() -> None:
    assert stop_words("und") == frozenset()


@given(st.text(max_size=60), st.sampled_from((*OUR_LANGUAGES, "und")))
def test_words_are_letters_of_the_text_without_stop_words(text: str, language: str) -> None:
    found = words(text, language)

    assert not set(found) & stop_words(language)
    assert all(len(word) > 1 for word in found)
    if language != "zh-Hans":  # whose words are shown in Simplified characters
        assert all(word.casefold() in text.replace("’", "'").casefold() for word in found)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "streets", "street"),
        ("fr", "médecins", "médecin"),
        ("de", "parkplätze", "parkplatz"),
        ("es", "perros", "perro"),
        ("ru", "парковки", "парковка"),
        ("ar", "المدارس", "مدارس"),
        ("ko", "주차장에서", "주차장"),
        ("ko", "병원이", "병원"),
    ],
)
def test_stem_is_what_forms_of_a_word_share(language: str, one: str, other: str) -> None:
    assert stem(one, language) == stem(other, language)


@pytest.mark.parametrize(("language", "word"), [("zh-Hans", "停车位"), ("ja", "駐車場"), ("und", "streets")])
def test_stem_where_there_is_no_stemmer_is_the_word(language: str, word: str) -> None:
    assert stem(word, language) == word


# Analysers that an operator may install: what they call a noun comes from fakes here, and from themselves below


def fake_kiwi(*found: tuple[str, str, int]) -> SimpleNamespace:
    """A kiwipiepy that finds these forms with their tags and places in every text."""
    given = [SimpleNamespace(form=form, tag=tag, start=start, len=len(form)) for form, tag, start in found]
    return SimpleNamespace(Kiwi=lambda **_: SimpleNamespace(tokenize=lambda _: given))


def fake_fugashi(*found: tuple[str, str]) -> SimpleNamespace:
    """A fugashi that finds these surfaces; their parts of speech as in `名詞 普通名詞 一般`."""
    nodes = [
        SimpleNamespace(
            surface=surface, feature=SimpleNamespace(**dict(zip(("pos1", "pos2", "pos3"), kind.split(), strict=True)))
        )
        for surface, kind in found
    ]
    return SimpleNamespace(Tagger=lambda _: lambda _: nodes)


UNIDIC = SimpleNamespace(DICDIR="/nowhere")
NOUN, NAME, SUFFIX = "名詞 普通名詞 一般", "名詞 固有名詞 地名", "接尾辞 名詞的 一般"


@pytest.mark.parametrize(
    ("text", "found", "nouns"),
    [
        ("쓰레기 장소가", [("쓰레기", "NNG", 0), ("장소", "NNG", 4), ("가", "JKS", 6)], ["쓰레기"]),  # 장소: a stop word
        ("관리사무소 주차장", [("관리", "NNG", 0), ("사무소", "NNG", 2), ("주차장", "NNG", 6)], ["관리사무소", "주차장"]),
        ("왕징CCTV 설치", [("왕징", "NNP", 0), ("CCTV", "SL", 2), ("설치", "NNG", 7)], ["왕징cctv", "설치"]),
        ("주차!장", [("주차", "NNG", 0), ("!", "SF", 2), ("장", "NNG", 3)], ["주차"]),
        ("아파트관리사무소담당자", [("아파트", "NNG", 0), ("관리", "NNG", 3), ("사무소", "NNG", 5), ("담당자", "NNG", 8)],
         ["아파트관리사무소", "담당자"]),
        ("가" * 21, [("가" * 21, "NNG", 0)], []),
        ("ab1 ㅋㅋ", [("ab1", "SL", 0)], []),
        ("멀어요", [("멀", "VA", 0), ("어요", "EF", 1)], []),
        ("", [], []),
    ],
)  # fmt: skip
def test_korean_words_are_nouns_and_those_side_by_side_one_word(
    text: str, found: list[tuple[str, str, int]], nouns: list[str], install: Install
) -> None:
    install(kiwipiepy=fake_kiwi(*found))

    assert label_words(text, "ko") == nouns


@pytest.mark.parametrize(
    ("found", "nouns"),
    [
        ([("駐車", NOUN), ("場", SUFFIX), ("が", "助詞 格助詞 *"), ("狭い", "形容詞 一般 *")], ["駐車場"]),
        ([("望", NOUN), ("京", NOUN), ("に", "助詞 格助詞 *"), ("病院", NOUN)], ["望京", "病院"]),
        ([("お", "接頭辞 * *"), ("湯", NOUN)], ["お湯"]),
        ([("お", "接頭辞 * *"), ("、", "補助記号 読点 *"), ("病院", NOUN)], ["病院"]),
        ([("五", "名詞 数詞 *"), ("階", "名詞 普通名詞 助数詞可能"), ("病院", NOUN)], ["病院"]),
        ([("三", "名詞 数詞 *"), ("人", SUFFIX), ("病院", NOUN)], ["病院"]),
        ([("学校", NOUN), ("時間", "名詞 普通名詞 助数詞可能")], ["学校時間"]),
        ([("児童", NOUN), ("たち", SUFFIX), ("病院", NOUN)], ["児童", "病院"]),
        (
            [("北京", NAME), ("市", NOUN), ("朝陽", NAME), ("区", NOUN), ("役所", NOUN), ("窓口", NOUN)],
            ["北京市朝陽区役所", "窓口"],
        ),
        ([("コミュニケーション", NOUN)], ["コミュニケーション"]),
        ([("ア" * 21, NOUN)], []),
        ([("👍", NOUN), ("１", NOUN), ("WiFi", NOUN)], ["wifi"]),
        ([("いる", "動詞 非自立可能 *")], []),
        ([], []),
    ],
)
def test_japanese_words_are_nouns_with_what_belongs_to_them(
    found: list[tuple[str, str]], nouns: list[str], install: Install
) -> None:
    install(fugashi=fake_fugashi(*found), unidic_lite=UNIDIC)

    assert label_words("".join(surface for surface, _ in found), "ja") == nouns


def test_japanese_nouns_with_a_space_between_are_two_words(install: Install) -> None:
    install(fugashi=fake_fugashi(("病院", NOUN), ("受付", NOUN), ("受付", NOUN)), unidic_lite=UNIDIC)

    assert label_words("病院 受付\n受付", "ja") == ["病院", "受付", "受付"]


def test_analysers_get_what_they_can_read(install: Install) -> None:
    given: list[str] = []

    def read(text: str) -> list[object]:
        given.append(text)
        return []

    install(
        fugashi=SimpleNamespace(Tagger=lambda _: read),
        unidic_lite=UNIDIC,
        kiwipiepy=SimpleNamespace(Kiwi=lambda **_: SimpleNamespace(tokenize=read)),
    )

    assert [label_words("\0駐車\ud83d", "ja"), label_words("주차\0\ud83d", "ko")] == [[], []]
    assert given == [" 駐車?", "주차 ?"]


def test_other_languages_are_cut_as_ever(install: Install) -> None:
    texts = {"en": "The lift is broken", "zh-Hans": "电梯坏了", "zh-Hant": "電梯壞了", "und": "병원 lift"}
    before = {language: label_words(text, language) for language, text in texts.items()}

    install(kiwipiepy=fake_kiwi(("x", "NNG", 0)), fugashi=fake_fugashi(("x", NOUN)), unidic_lite=UNIDIC)

    assert {language: label_words(text, language) for language, text in texts.items()} == before


def test_analyser_is_loaded_once_and_by_who_reads_its_language(install: Install) -> None:
    loaded: list[str] = []

    def load(**_: object) -> SimpleNamespace:
        loaded.append("kiwi")
        return SimpleNamespace(tokenize=lambda _: [])

    install(kiwipiepy=SimpleNamespace(Kiwi=load))

    label_words("lift", "en")
    assert tokens._optional("kiwipiepy")  # what a run's record asks
    assert loaded == []

    label_words("병원", "ko")
    label_words("병원", "ko")
    assert loaded == ["kiwi"]


def test_analyser_that_does_not_work_is_an_error_and_no_other_result(install: Install) -> None:
    def fail(**_: object) -> None:
        raise OSError("no model")

    install(kiwipiepy=SimpleNamespace(Kiwi=fail))

    with pytest.raises(OSError, match="no model"):
        label_words("병원", "ko")


ALWAYS = {name: version(name) for name in ("jieba", "snowballstemmer")}


def test_analysers_without_optional_ones_are_those_that_are_always_there() -> None:
    assert analysers() == ALWAYS
    assert label_words("ゴミの分別", "ja") == ["ゴミ", "分別"]


def test_analysers_names_what_is_in_use(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "version", lambda name: f"{name} 1.0")
    install(kiwipiepy=fake_kiwi(), fugashi=fake_fugashi())
    assert set(analysers()) == {*ALWAYS, "kiwipiepy", "kiwipiepy-model"}  # fugashi without its dictionary is not in use
    assert label_words("ゴミの分別", "ja") == ["ゴミ", "分別"]

    install(unidic_lite=UNIDIC)
    assert set(analysers()) == {*ALWAYS, "kiwipiepy", "kiwipiepy-model", "fugashi", "unidic-lite"}
    assert analysers()["fugashi"] == "fugashi 1.0"


# The real ones, where they are installed


def test_kiwipiepy_finds_the_nouns_of_korean(install: Install) -> None:
    install(kiwipiepy=None)

    assert label_words("버스정류장이멀어서불편해요", "ko") == ["버스정류장"]
    assert label_words("왕징에 한국어 되는 소아과 의사가 필요해요", "ko") == ["왕징", "한국어", "소아과", "의사"]
    assert label_words("관리사무소에서 CCTV설치를 고양이 때문에", "ko") == ["관리사무소", "cctv설치", "고양이"]
    assert analysers().keys() == {*ALWAYS, "kiwipiepy", "kiwipiepy-model"}


def test_fugashi_finds_the_nouns_of_japanese(install: Install) -> None:
    install(fugashi=None, unidic_lite=None)

    assert label_words("駐車場が足りません。ゴミの分別を説明してください", "ja") == ["駐車場", "ゴミ", "分別", "説明"]
    assert label_words("こどもの遊び場、五階のお湯", "ja") == ["こども", "遊び場", "お湯"]
    assert label_words("コミュニケーションが取れない", "ja") == ["コミュニケーション"]
    assert label_words("望京に日本語が話せる小児科医がほしい", "ja") == ["望京", "日本語", "小児科医"]
    assert analysers().keys() == {*ALWAYS, "fugashi", "unidic-lite"}


@pytest.mark.parametrize("language", ["ko", "ja"])
def test_real_analysers_give_letters_of_the_text_without_stop_words(language: str, install: Install) -> None:
    install(**dict.fromkeys({"ko": ["kiwipiepy"], "ja": ["fugashi", "unidic_lite"]}[language]))

    @given(
        st.text(
            st.sampled_from("駐車場がゴミの お1湯👍\0\n！관리사무소병원이aé\u1112\ud83d") | st.characters(), max_size=40
        )
    )
    def check(text: str) -> None:
        found = label_words(text, language)
        assert not set(found) & stop_words(language)
        assert all(len(word) > 1 and word.isalpha() for word in found)
        assert all(word in text.lower() or word.casefold() in text.casefold() for word in found)

    check()
