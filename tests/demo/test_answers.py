"""The fictional neighbourhood: always the same people, as many kinds as in life, and every answer fits the form."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from importlib import resources

import pytest

from analysis.lexicon.load import CATEGORIES
from analysis.text.language import identify
from survey.authoring.service import bundled_form
from survey.demo import answers
from survey.demo.answers import DAYS, FictionalAnswer, day_of, fictional_answers
from survey.i18n.languages import languages
from survey.questionnaire.answers import FormChecker
from survey.responses.rules import CLIENT_ID


@pytest.fixture(scope="module")
def people() -> list[FictionalAnswer]:
    return list(fictional_answers())


def _tongue(person: FictionalAnswer) -> str:
    """The language that a person writes in, which the client id names."""
    found = re.fullmatch(r"demo-(.+)-\d{4}-*", person.client_id)
    assert found is not None
    return found[1]


def _texts(person: FictionalAnswer) -> list[str]:
    return [str(person.answers[name]) for name in ("need_most", "change_first") if name in person.answers]


def test_there_are_six_hundred_and_each_has_an_id_of_its_own(people: list[FictionalAnswer]) -> None:
    assert len({person.client_id for person in people}) == len(people) == 600
    assert [person.client_id for person in people if not CLIENT_ID.fullmatch(person.client_id)] == []


def test_they_are_the_same_each_time(people: list[FictionalAnswer]) -> None:
    assert list(fictional_answers()) == people


def test_every_answer_fits_the_bundled_form_and_is_clean_already(people: list[FictionalAnswer]) -> None:
    checker = FormChecker(bundled_form())

    for person in people:
        checked = checker.check(person.answers)
        assert (checked.problems, checked.answers) == ([], person.answers), person.client_id


def test_all_ten_languages_write_and_korean_writes_most_of_the_foreign_ones(people: list[FictionalAnswer]) -> None:
    counts = Counter(_tongue(person) for person in people)

    assert set(counts) == set(languages())
    assert min(counts.values()) >= 10  # fewer could not be shown
    foreign = [tag for tag, _ in counts.most_common() if not tag.startswith("zh")]
    assert foreign[0] == "ko"


def test_they_live_in_all_subdistricts_and_wangjing_is_mostly_korean(people: list[FictionalAnswer]) -> None:
    homes = Counter(str(person.answers["subdistrict"]) for person in people)
    wangjing = Counter(_tongue(person) for person in people if person.answers["subdistrict"] == "wangjing")

    assert set(answers._FOREIGN) <= set(homes)
    assert len(answers._FOREIGN) == 23
    assert homes.most_common(1)[0][0] == "wangjing"
    assert wangjing["ko"] > sum(wangjing.values()) / 2


def test_texts_are_in_the_language_that_they_claim(people: list[FictionalAnswer]) -> None:
    right = [identify(text, _tongue(person)).language == _tongue(person) for person in people for text in _texts(person) if len(text) > 20]

    assert sum(right) > 0.95 * len(right)
    assert len(right) > 400


def test_some_write_in_another_language_than_the_pages(people: list[FictionalAnswer]) -> None:
    assert [person.client_id for person in people if person.language not in languages()] == []
    assert sum(person.language != _tongue(person) for person in people) >= 10


def test_texts_are_varied_and_some_say_nothing(people: list[FictionalAnswer]) -> None:
    texts = [text for person in people for text in _texts(person)]
    silent = sum(not _texts(person) for person in people)

    assert len(set(texts)) > 0.95 * len(texts)
    assert max(len(text) for text in texts) > 120
    assert min(len(text) for text in texts) < 15
    assert silent < 60


def test_no_text_holds_an_address_of_anybody(people: list[FictionalAnswer]) -> None:
    """Fiction must not happen to name a person's telephone, mailbox or passport."""
    for person in people:
        for text in _texts(person):
            assert re.findall(r"\S+@\S+\.\w|\b1[3-9]\d{9}\b|\b[A-Z]{1,2}\d{7,8}\b|https?://", text) == [], text


def test_what_they_write_about_are_categories_of_the_lexicon() -> None:
    known = {*CATEGORIES, "none", ""}
    for path in resources.files("survey.demo").joinpath("answers").iterdir():
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[0] == "page\tneed\tchange\tabout", path.name
        for line in lines[1:]:
            assert line.count("\t") == 3, f"{path.name}: {line}"
            assert set(line.split("\t")[3].split(",")) <= known, f"{path.name}: {line}"


@pytest.mark.parametrize(("wave", "weeks_before"), [(1, 12), (2, 0)])
def test_each_wave_came_within_three_weeks_and_not_all_on_one_day(people: list[FictionalAnswer], wave: int, weeks_before: int) -> None:
    today = dt.date(2026, 3, 31)
    end = today - dt.timedelta(weeks=weeks_before)

    days = Counter(day_of(person, today) for person in people if person.wave == wave)

    assert (min(days), max(days)) >= (end - dt.timedelta(days=DAYS - 1), end - dt.timedelta(days=DAYS))
    assert max(days) <= end
    assert len(days) > 15


def test_parking_grows_from_the_first_wave_to_the_second_and_waves_are_about_as_large(people: list[FictionalAnswer]) -> None:
    waves = Counter(person.wave for person in people)
    about = Counter(person.wave for person in people if "停车" in str(person.answers) or "parking" in str(person.answers).lower())

    assert sorted(waves) == [1, 2]
    assert 0.8 < waves[1] / waves[2] < 1.25
    assert about[2] > 2 * about[1] > 0


def test_consent_is_given_by_some_and_not_by_all(people: list[FictionalAnswer]) -> None:
    for question in ("may_quote", "may_contact"):
        share = sum(question in person.answers for person in people) / len(people)
        assert 0.2 < share < 0.8, question
