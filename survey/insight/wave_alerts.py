"""What is said of a need that rose or fell from one wave to the next, in the desk's languages. Which ones did, findings tells."""

from __future__ import annotations

from collections.abc import Sequence

from survey.i18n.catalogs import DESK_LANGUAGES
from survey.insight.charts.words import Facts, limits_meaning, points_words, signed
from survey.insight.findings import Alert
from survey.insight.pictures import Material, facts_of
from survey.themes.alerts import AlertDraft
from survey.themes.queries import ThemeView


async def alerts_in_words(material: Material, alerts: Sequence[Alert]) -> list[AlertDraft]:
    themes = {str(theme.id): theme for theme in material.themes}
    facts = [await facts_of(material, language) for language in DESK_LANGUAGES] if alerts else []
    return [
        AlertDraft(
            theme=themes[alert.key].id, is_rise=alert.is_rise, points=points_of(alert),
            words={one.language: alert_words(alert, themes[alert.key], material.wave.number, one) for one in facts},
        )
        for alert in alerts
    ]  # fmt: skip


def points_of(alert: Alert) -> int:
    return round(100 * alert.difference.estimate)


def alert_words(alert: Alert, theme: ThemeView, wave: int, facts: Facts) -> list[str]:
    """A heading, what it rests on, and how far it holds."""
    say = facts.say
    before, after = alert.before, alert.after
    shares = {
        "theme": theme.name_in(facts.language), "before": say.percent(before.share or 0.0), "after": say.percent(after.share or 0.0),
        "earlier": wave - 1, "later": wave,
    }  # fmt: skip
    heading = (
        say.gettext("“%(theme)s” rose: %(before)s of those who wrote in wave %(earlier)s, %(after)s in wave %(later)s", **shares)
        if alert.is_rise
        else say.gettext("“%(theme)s” fell: %(before)s of those who wrote in wave %(earlier)s, %(after)s in wave %(later)s", **shares)
    )
    basis = say.gettext(
        "People who wrote: %(first)s and %(second)s. Difference: %(points)s points, limits %(limits)s.",
        first=say.number(before.base or 0), second=say.number(after.base or 0), points=signed(points_of(alert), say),
        limits=points_words(alert.difference, facts.design, say),
    )  # fmt: skip
    return [heading, basis, limits_meaning(facts.design, say)]
