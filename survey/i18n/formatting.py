"""Dates, numbers and lists as each language writes them (Babel)."""

from __future__ import annotations

import datetime as dt

from babel.dates import format_date, format_skeleton, format_time, get_datetime_format
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from survey.clock import BEIJING
from survey.i18n.languages import locale_for


def date_text(day: dt.date, tag: str, length: str = "long") -> str:
    return format_date(day, format=length, locale=locale_for(tag))


def month_text(day: dt.date, tag: str) -> str:
    """The month and year of a day."""
    return format_skeleton("yMMMM", dt.datetime.combine(day, dt.time()), locale=locale_for(tag))


def moment_text(moment: dt.datetime, tag: str) -> str:
    """The moment in Beijing, to the minute, with the day written as on the rest of the page."""
    locale = locale_for(tag)
    local = moment.astimezone(BEIJING)
    pattern = str(get_datetime_format("medium", locale=locale)).replace("'", "")
    hour = format_time(local, format="short", tzinfo=BEIJING, locale=locale)
    return pattern.replace("{1}", date_text(local, tag, "medium")).replace("{0}", hour)


def occasion_text(moment: dt.datetime, tag: str) -> str:
    """When to be somewhere, in Beijing: weekday, day and hour, put together as the language does."""
    locale = locale_for(tag)
    local = moment.astimezone(BEIJING)
    pattern = str(get_datetime_format("full", locale=locale)).replace("'", "")
    short = locale.time_formats["short"].pattern
    if locale.language == "ko":  # CLDR's short form there is PM; on pages it is written out
        short = short.replace("a", "aaaa")
    hour = format_time(local, format=short, tzinfo=BEIJING, locale=locale)
    return pattern.replace("{1}", format_date(local, format="full", locale=locale)).replace("{0}", hour)


def number_text(value: float, tag: str) -> str:
    return format_decimal(value, locale=locale_for(tag))


def percent_text(share: float, tag: str) -> str:
    """`share` between 0 and 1, in whole percent."""
    return format_percent(round(share, 2), locale=locale_for(tag))


def list_text(items: list[str], tag: str) -> str:
    return format_list(items, locale=locale_for(tag))
