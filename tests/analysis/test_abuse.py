"""Abusive words: plain insults and threats in ten languages; complaints in strong words are none."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from analysis.text.abuse import find_abuse

ABUSIVE = [
    ("zh-Hans", "物业都是王八蛋"), ("zh-Hans", "你们这群傻 逼"), ("zh-Hans", "再吵我弄死你"), ("zh-Hant", "滾出中國"), ("zh-Hans", "狗日的居委会"),
    ("en", "The guards are assholes"), ("en", "fuck you all"), ("en", "Go to hell!"), ("en", "You piece of shit"), ("en", "I'll kill you if you park here"),
    ("ko", "관리소장 개새끼"), ("ko", "씨발 진짜 시끄럽네"), ("ko", "죽여 버린다"), ("ja", "管理人は死ねよ"), ("ja", "このクソ野郎"), ("ja", "ぶっ殺すぞ"),
    ("ru", "Вы все сволочи"), ("ru", "Иди на хуй"), ("fr", "Bande de connards"), ("fr", "Ta gueule !"), ("de", "Der Hausmeister ist ein Arschloch"),
    ("de", "Fick dich"), ("es", "Hijos de puta"), ("es", "Vete a la mierda"), ("ar", "يا كلب"), ("ar", "ابن الكلب"),
]  # fmt: skip

NOT_ABUSIVE = [
    ("zh-Hans", "狗屎没人管，太恶心了"), ("zh-Hans", "他失去死者的消息"), ("zh-Hans", "吵死了，烦死人"), ("zh-Hans", "外卖滚烫"), ("en", "The damn noise never stops, it is hell"),
    ("en", "Dog shit everywhere"), ("en", "This is a bloody disgrace"), ("en", "The chinking of bottles at night"), ("en", "I could kill for a good bakery"),
    ("ko", "시발점 근처 버스가 늦어요"), ("ko", "개가 짖어요"), ("ko", "미친 듯이 시끄러워요"), ("ja", "死ぬほどうるさい"), ("ja", "くそ暑い"), ("ru", "Собаки гадят везде"),
    ("fr", "C'est la merde pour se garer"), ("de", "Scheißlärm jede Nacht"), ("es", "¡Viva México, cabrones!"), ("es", "El puto ruido no para"), ("ar", "الكلب ينبح طوال الليل"),
    ("xx", "fuck you"),
]  # fmt: skip

TEXTS = Path(__file__).parents[3] / "shared" / "data" / "texts"


@pytest.mark.parametrize(("language", "text"), ABUSIVE)
def test_insults_and_threats_are_found(language: str, text: str) -> None:
    assert find_abuse(text, language)


@pytest.mark.parametrize(("language", "text"), NOT_ABUSIVE)
def test_strong_words_about_things_are_none(language: str, text: str) -> None:
    assert find_abuse(text, language) == []


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the real texts lie beside the project")
def test_of_city_requests_one_is_marked_and_rightly() -> None:
    with (TEXTS / "en_city_requests.tsv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))

    assert [find_abuse(row["text"], "en") for row in rows if find_abuse(row["text"], "en")] == [["asshole"]]
