"""One domain of strings in one language, for templates, charts and documents alike: words, dates and numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache

from survey.i18n import formatting
from survey.i18n.catalogs import translations
from survey.i18n.languages import direction


class Speech:
    """Placeholders are named (`%(name)s`) and filled from keyword arguments; `num` is the number of ngettext."""

    def __init__(self, domain: str, language: str) -> None:
        self.language = language
        self.direction = direction(language)
        self._catalog = translations(domain, language)

    def gettext(self, message: str, **values: object) -> str:
        return _fill(self._catalog.gettext(message), values)

    def ngettext(self, one: str, many: str, number: int, **values: object) -> str:
        return _fill(self._catalog.ngettext(one, many, number), {"num": number, **values})

    def date(self, day: dt.date, length: str = "long") -> str:
        return formatting.date_text(day, self.language, length)

    def month(self, day: dt.date) -> str:
        return formatting.month_text(day, self.language)

    def moment(self, moment: dt.datetime) -> str:
        return formatting.moment_text(moment, self.language)

    def occasion(self, moment: dt.datetime) -> str:
        return formatting.occasion_text(moment, self.language)

    def number(self, value: float) -> str:
        return formatting.number_text(value, self.language)

    def percent(self, share: float) -> str:
        return formatting.percent_text(share, self.language)

    def listed(self, items: Iterable[str]) -> str:
        return formatting.list_text(list(items), self.language)


def _fill(text: str, values: dict[str, object]) -> str:
    return text % values if values else text


@lru_cache(maxsize=64)
def speech(domain: str, language: str) -> Speech:
    return Speech(domain, language)
