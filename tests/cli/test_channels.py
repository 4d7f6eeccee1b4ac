"""Channels that a command adds, on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey.authoring.queries import find_survey
from survey.cli.main import main
from survey.codes import ALPHABET
from survey.outreach.queries import ChannelView, find_channel_by_short, list_channel_views
from survey.outreach.rules import ChannelKind
from survey.responses.queries import counts_by_channel
from survey.settings import Settings
from tests.cli.conftest import in_database


async def _channels() -> list[ChannelView]:
    return await list_channel_views((await find_survey("town")).id)


def test_import_by_a_channel_gives_it_a_short_address_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LINSHENG_DATABASE", settings.database)
    monkeypatch.setenv("LINSHENG_SECRET", settings.secret)
    file = tmp_path / "texts.csv"
    for text in ("a park", "a bus"):
        file.write_text(f"need\n{text}\n", encoding="utf-8")
        main(["responses", "import", "town", str(file), "--text-column", "need", "--channel", "door-2026"])

    [channel] = in_database(_channels)  # type: ignore[misc]  # what the work returns

    assert channel == ChannelView(
        id=channel.id, survey_id=channel.survey_id, code="door-2026", short=channel.short, name="door-2026",
        kind=ChannelKind.OTHER, default_language="", area_id=None, place="", is_active=True,
    )  # fmt: skip
    assert (len(channel.short), set(channel.short) - set(ALPHABET)) == (6, set())
    assert in_database(lambda: find_channel_by_short(channel.short.lower())) == channel
    assert in_database(lambda: counts_by_channel(channel.survey_id)) == {channel.id: 2}
