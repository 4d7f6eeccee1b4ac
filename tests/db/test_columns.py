"""JSON in text columns: canonical, and the same on both engines (pitfall P9)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from survey import clock
from survey.accounts.tables import Area, TokenBucket
from survey.db.columns import from_json, to_json
from survey.settings import Settings

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_json_comes_back_as_it_was(value: Any) -> None:
    assert from_json(to_json(value)) == value


@given(st.dictionaries(st.text(), VALUES, min_size=2, max_size=5))
def test_json_does_not_depend_on_the_order_of_keys(value: dict[str, Any]) -> None:
    assert to_json(dict(reversed(value.items()))) == to_json(value)


async def test_json_is_stored_as_text_on_both_engines(database: Settings) -> None:
    names = {"zh-Hans": "望京街道", "en": "Wangjing “Subdistrict”", "ar": "وانغجينغ", "emoji": "🏘️"}

    await Area.insert(Area(code="test", level="community", parent=None, names=to_json(names)))

    row = await Area.select(Area.names).where(Area.code == "test").first()
    assert row is not None
    assert row["names"] == to_json(names)
    assert from_json(row["names"], dict[str, str]) == names


async def test_times_come_back_aware_and_to_the_microsecond_on_both_engines(database: Settings) -> None:
    """Whatever zone they were given in: stored in UTC (pitfall P13)."""
    in_beijing = dt.datetime(2026, 3, 1, 0, 30, 15, 123456, tzinfo=clock.BEIJING)

    await TokenBucket.insert(TokenBucket(key_hash="x", tokens=0.1, updated_at=in_beijing))

    row = await TokenBucket.select(TokenBucket.updated_at, TokenBucket.tokens).first()
    assert row is not None
    assert row == {"updated_at": in_beijing, "tokens": 0.1}
    assert row["updated_at"].utcoffset() == dt.timedelta(0)
