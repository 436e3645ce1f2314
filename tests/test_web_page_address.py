"""What an address says is what the page showed, and nothing that the case could not show."""

import pytest

from ceasefire.case import Event, FrozenMapping, load
from ceasefire.web.page_address import PageSettings
from support.case_server import CASES

TRUCE = load(CASES / "truce.yaml")
TABS = ("Argument", "Charts")
SETTINGS = [
    PageSettings(),
    PageSettings((("odds", 0.123456789), ("anger", 4.0))),
    PageSettings(disabled_tables=("talks",), worlds=64, tab="Charts"),
    PageSettings(today=0),
    PageSettings(today=3, worlds=16),
    PageSettings(
        added_events=(
            Event(period=0, kind="refused", target="talks.truce", by="north"),
            Event(period=1, kind="move", target="south.pass"),
            Event(period=1, kind="chance", target="fatigue.ends"),
            Event(period=2, kind="idle", target="talks"),
            Event(period=2, kind="observed", observed=FrozenMapping({"guards": 1})),
            Event(period=2, kind="observed", observed=FrozenMapping({"war": False})),
        )
    ),
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_an_address_is_read_as_it_was_written(settings):
    assert PageSettings.read(settings.query, TRUCE, TABS) == settings
    assert PageSettings.read(f"?{settings.query}", TRUCE, TABS) == settings


def test_an_address_holds_the_options_that_the_case_is_written_with():
    settings = PageSettings((("anger", 4.0),), chosen_options=(("guards", "never"),))
    assert PageSettings.read(settings.query, load(CASES / "rivals.yaml"), TABS) == settings


@pytest.mark.parametrize(
    "query", ["option=guards~any_time", "option=guards~no", "option=x~never", "option=guards"]
)
def test_options_that_the_case_has_not_or_has_first_are_left_out(query):
    assert PageSettings.read(query, load(CASES / "rivals.yaml"), TABS) == PageSettings()


@pytest.mark.parametrize(
    "query",
    [
        "set=odds~9",
        "set=odds~nan",
        "set=odds~",
        "set=odds~0.1",
        "set=anger~3",
        "set=nobody~1",
        "set=",
        "off=elsewhere",
        "worlds=0",
        "worlds=-1",
        "worlds=99999999999",
        "worlds=١٢",
        "tab=Nowhere",
        "event=3~idle~talks",
        "event=-1~idle~talks",
        "event=0~idle~elsewhere",
        "event=0~nonsense~talks",
        "event=0~refused~talks.truce",
        "event=0~refused~talks.truce~nobody",
        "event=0~observed~guards=7",
        "event=0~observed~war=1",
        "event=",
        "%00%ff=%00",
        "&&=&" * 1000,
    ],
)
def test_what_the_case_cannot_show_is_left_out(query):
    assert PageSettings.read(query, TRUCE, TABS) == PageSettings()


def test_a_long_address_is_cut():
    query = "off=talks&" + "x=1&" * 100
    assert PageSettings.read(query, TRUCE, TABS).disabled_tables == ("talks",)
    late = "x=" + "1" * 9000 + "&off=talks"
    assert PageSettings.read(late, TRUCE, TABS) == PageSettings()
