from hypothesis import given
from hypothesis import strategies as st

from survey.themes.states import Decided, EventKind, ThemeState, replay

KEYS = st.sampled_from(["health", "health.doctor_language", "discovered.ko.주차장"])
NAMES = st.dictionaries(st.sampled_from(["zh-Hans", "en"]), st.text(min_size=1, max_size=5), min_size=1)
EVENTS = st.one_of(
    st.tuples(KEYS, st.sampled_from([EventKind.ACCEPT, EventKind.DISMISS, EventKind.REOPEN]), st.just({})),
    st.tuples(KEYS, st.just(EventKind.RENAME), NAMES.map(lambda names: {"names": names, "before": {}})),
)
BECOMES = {"accept": "accepted", "dismiss": "dismissed", "reopen": "proposed"}


def test_replay_of_nothing_decides_nothing() -> None:
    assert replay([]) == {}


def test_replay_rename_leaves_the_state_and_the_names_in_other_languages() -> None:
    decided = replay(
        [
            ("health", EventKind.ACCEPT, {}),
            ("health", EventKind.RENAME, {"names": {"zh-Hans": "看病", "en": "Doctors"}}),
            ("health", EventKind.RENAME, {"names": {"en": "Clinics"}}),
        ]
    )

    assert decided == {"health": Decided(state=ThemeState.ACCEPTED, names={"zh-Hans": "看病", "en": "Clinics"})}


def test_replay_themes_do_not_share_names() -> None:
    decided = replay(
        [("a", EventKind.RENAME, {"names": {"en": "A"}}), ("b", EventKind.ACCEPT, {}), ("c", EventKind.ACCEPT, {})]
    )

    assert decided["b"].names == {}
    assert decided["c"].names == {}


@given(st.lists(EVENTS, max_size=12))
def test_replay_the_last_word_counts_for_the_state_and_for_each_name(events: list) -> None:
    decided = replay(events)

    assert set(decided) == {key for key, _, _ in events}
    for key, theme in decided.items():
        own = [(kind, data) for found, kind, data in events if found == key]
        states = [BECOMES[kind] for kind, _ in own if kind != "rename"]
        names = [item for kind, data in own if kind == "rename" for item in data["names"].items()]
        assert theme.state == (states[-1] if states else "proposed")
        assert theme.names == dict(names)


@given(st.lists(EVENTS, max_size=6), st.lists(EVENTS, max_size=6))
def test_replay_themes_do_not_influence_each_other(some: list, others: list) -> None:
    mine = [(f"mine.{key}", kind, data) for key, kind, data in some]

    together = replay([*mine, *others])

    assert {key: theme for key, theme in together.items() if key.startswith("mine.")} == replay(mine)
