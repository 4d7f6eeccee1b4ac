"""What the worker counts of a survey, on both engines, and what is stored of it."""

from __future__ import annotations

import dataclasses

from survey import clock
from survey.authoring.queries import SurveyView
from survey.db.transaction import write_transaction
from survey.insight import service
from survey.insight.counting import count_survey, store_figures, stored_figures
from survey.insight.schemas import Asked, Figures
from survey.insight.tables import Chart, SurveyFigures
from survey.jobs.states import JobState
from survey.jobs.tables import Job
from survey.outreach.service import add_channel
from survey.responses.intake import entrance_to
from survey.responses.queries import counts_by_area
from survey.responses.service import Recorder, flag_responses, withdraw
from survey.responses.tables import Response
from survey.settings import Settings
from survey.themes.runs import recount_themes
from tests.conftest import SECRET, bundled_survey
from tests.voices import DOCTOR, GIBBERISH, NOISE, PARKING, Person, analyse, record, start_next_wave, themes_by_key

DOCTORS, PLACES_TO_PARK = "health.doctor_language", "transport_parking.parking_space"

PEOPLE = [
    *(Person(need=f"{DOCTOR}, {n}", page="ko", more={"importance_health": "5", "satisfaction_health": "2"}) for n in range(12)),
    *(Person(need=f"{PARKING}, {n}", change=f"{DOCTOR}, too, {n}", area="donghu", more={"origin": "mainland"}) for n in range(11)),
    *(Person(need=GIBBERISH, more={"origin": "hk_mo_tw"}) for _ in range(3)),
    *(Person(more={"origin": "prefer_not_to_say"}) for _ in range(2)),
]
"""28 people, of whom 26 wrote, no two the same: 23 of doctors, 11 of them of parking as well."""


async def _survey() -> SurveyView:
    survey = await bundled_survey()
    receipts = await record(survey, PEOPLE)
    async with write_transaction(Response):
        await flag_responses([receipts[0].response_id, receipts[12].response_id], "speeding")
    await analyse(survey)
    return survey


async def test_count_is_by_theme_and_by_who_they_are(database: Settings) -> None:
    survey = await _survey()
    ids = {key: str(theme.id) for key, theme in (await themes_by_key(survey)).items()}
    doctors, parking = ids[DOCTORS], ids[PLACES_TO_PARK]
    wangjing, donghu = (str(area) for area, _ in sorted((await counts_by_area(survey.id)).items(), key=lambda item: -item[1]))

    figures = await count_survey(survey.id)

    assert (figures.answers, figures.wrote, figures.careful_answers, figures.careful_wrote) == (28, 26, 26, 24)
    assert (figures.themes[doctors], figures.themes[parking]) == (23, 11)
    assert (figures.careful[doctors], figures.careful[parking]) == (21, 10)
    assert figures.categories == {"health": 23, "transport_parking": 11}
    assert figures.flags == {"speeding": 2}
    assert figures.dates == (clock.today(), clock.today())
    languages, areas, origins = (figures.cuts[name] for name in ("language", "area", "origin"))
    assert languages.answered == {"ko": 12, "en": 16}
    assert languages.themes[doctors] == {"ko": 12, "en": 11}
    assert areas.answered == {wangjing: 17, donghu: 11}
    assert areas.themes[parking] == {donghu: 11}
    assert origins.answered == {"another_country": 12, "mainland": 11, "hk_mo_tw": 3, "": 2}
    assert origins.wrote == {"another_country": 12, "mainland": 11, "hk_mo_tw": 3}
    assert origins.themes[doctors] == {"another_country": 12, "mainland": 11}
    assert origins.categories == {"health": {"another_country": 12, "mainland": 11}, "transport_parking": {"mainland": 11}}
    assert figures.places.answered == {wangjing: 15}
    assert figures.questions.wrote == {"need_most": 26, "change_first": 11}
    assert figures.questions.themes[doctors] == {"need_most": 12, "change_first": 11}
    assert figures.choices.total["importance_health"] == {"5": 12}
    ko, en = figures.left_out.by_language["ko"], figures.left_out.by_language["en"]
    assert (ko["importance_health"], en["importance_health"]) == (Asked(12, 0, 12, 0), Asked(16, 16, 16, 0))
    assert en["origin"] == Asked(0, 0, 16, 2)  # required: it can only be refused
    assert (en["need_most"], en["change_first"]) == (Asked(16, 2, 16, 0), Asked(16, 5, 16, 0))
    assert en["participation"] == Asked(16, 16, 16, 0)
    assert "used_library" not in en  # nobody knows it
    assert {key for key in en if key.startswith(("complaint", "may_"))} == set()
    assert figures.left_out.not_assessed == {}


async def test_count_holds_no_answer_of_a_single_person_and_none_that_was_withdrawn(database: Settings) -> None:
    survey = await bundled_survey()
    receipts = await record(survey, [*PEOPLE, Person(need=NOISE)])
    await analyse(survey)
    await withdraw(receipts[-1].code)
    await recount_themes(survey.id)

    await store_figures(survey.id, await count_survey(survey.id))

    stored = await stored_figures(survey.id)
    row = await SurveyFigures.select().first()
    assert stored is not None
    assert row is not None
    assert stored.figures == await count_survey(survey.id)
    assert (stored.counted_on, row["answers"], stored.data_version) == (clock.today(), 28, row["data_version"])
    assert "doctor" not in row["data"]
    assert all(receipt.response_id not in row["data"] for receipt in receipts)


async def test_count_keeps_waves_and_channels_apart(database: Settings) -> None:
    survey = await bundled_survey()
    channel = await add_channel(survey_id=survey.id, code="shop", name="Shop")
    entrance = await entrance_to(survey.slug)
    submissions = []
    for number in range(9):
        checked = entrance.checker.check({"subdistrict": "wangjing", "time_in_beijing": "2_to_5_years", "origin": "mainland", "need_most": DOCTOR})
        submissions.append(
            entrance.submission(
                client_id=f"wave-{number:012d}", language="en", answers=checked.answers, channel=channel if number % 3 == 0 else None, source="form",
            )
        )  # fmt: skip
    await Recorder(SECRET).record_all_or_nothing(submissions[:4])
    await start_next_wave(survey)
    await Recorder(SECRET).record_all_or_nothing(submissions[4:])
    await analyse(survey)

    figures = await count_survey(survey.id)

    assert figures.cuts["wave"].wrote == {"1": 4, "2": 5}
    assert figures.cuts["channel"].wrote == {str(channel): 3, "0": 6}
    assert figures.choices.by_wave["2"]["origin"] == {"mainland": 5}
    assert figures.wave_questions["1"] == figures.wave_questions["2"]
    assert "need_most" in figures.wave_questions["1"]


async def test_reliability_is_computed_by_language_and_stored_as_a_number(database: Settings) -> None:
    survey = await bundled_survey()
    fields = ["health", "home", "safety", "environment", "transport", "information", "neighbours"]

    def rated(point: int, last: int) -> dict[str, str]:
        return {f"satisfaction_{field}": str(point if place < 6 else last) for place, field in enumerate(fields)}

    people = [Person(page="ko", more=rated(1 + n % 5, 1 + (n + n // 5) % 5)) for n in range(30)]
    await record(survey, [*people, *(dataclasses.replace(one, page="ja") for one in people[:29])])

    figures = await count_survey(survey.id)

    [one] = figures.reliability
    assert (one.battery, one.language, one.people, one.items) == ("satisfaction..1.5", "ko", 30, 7)
    # Six items agree and one runs free: alpha = 7/6 (1 - Σ s² / s²(sum)), each s² = 60/29
    sums = [6 * (1 + n % 5) + 1 + (n + n // 5) % 5 for n in range(30)]
    mean = sum(sums) / 30
    expected = 7 / 6 * (1 - 7 * 60 / 29 / (sum((total - mean) ** 2 for total in sums) / 29))
    assert round(one.alpha[0], 9) == round(expected, 9)
    assert one.omega is not None
    assert one.alpha[1] <= one.alpha[0] <= one.alpha[2]


async def test_survey_without_answers_counts_nobody(database: Settings) -> None:
    survey = await bundled_survey()

    figures = await count_survey(survey.id)

    assert (figures.answers, figures.wrote, figures.themes, figures.dates) == (0, 0, {}, None)
    assert await stored_figures(survey.id) is None
    assert figures.cuts["language"].answered == {}
    assert Figures().answers == 0


async def test_new_answers_are_counted_by_themselves_when_they_are_many(database: Settings) -> None:
    survey = await bundled_survey()

    async def waiting() -> list[str]:
        rows = await Job.select(Job.kind).where((Job.state == JobState.WAITING) & (Job.kind == "draw_charts"))
        return [row["kind"] for row in rows]

    await service.count_if_grown(survey.id)
    nobody = await waiting()
    await record(survey, [Person() for _ in range(20)])
    await service.count_if_grown(survey.id)
    first = await waiting()
    await service.draw_charts(survey.id)
    await Job.delete(force=True)
    await record(survey, [Person()])
    await service.count_if_grown(survey.id)
    one_more = await waiting()
    await record(survey, [Person()])
    await service.count_if_grown(survey.id)

    assert (nobody, first, one_more, await waiting()) == ([], ["draw_charts"], [], ["draw_charts"])
    assert await Chart.count() == 0


async def test_success_takes_back_what_failed_before(database: Settings) -> None:
    survey = await bundled_survey()
    await service.ask_for_charts(survey.id)
    await Job.update({Job.state: JobState.FAILED}, force=True)
    told: list[tuple[int, int, str]] = []

    async def report(done: int, total: int, step: str) -> None:
        told.append((done, total, step))

    await service.draw_charts(survey.id, report)

    assert await Job.count() == 0
    assert told == [(0, 4, "count"), (1, 4, "charts"), (2, 4, "charts"), (4, 4, "done")]
