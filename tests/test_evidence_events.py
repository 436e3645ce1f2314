"""Events as they are read: each thing once, contradictions and what no step explains refused."""

import pytest

from ceasefire import update
from ceasefire.case import loads
from ceasefire.errors import CaseError
from ceasefire.evidence.events import (
    RecordedEvent,
    describe_event,
    find_possible_events,
    find_states_after_events,
    read_recorded_events,
)
from ceasefire.game import build
from support.event_cases import PUBLIC, answers_after

SOURCES = """
sources:
  wire: {origin: the agency}
  paper: {origin: the agency}
  witness: {origin: on the spot}
"""


def case_of(*events: str, more: str = ""):
    lines = "\n".join(f"  - {event}" for event in events)
    return loads(f"{PUBLIC}{more}events:\n{lines}\n", "war.yaml")


def refused(*events: str):
    """The problems of these events, in order."""
    case = case_of(*events)
    facts, _ = read_recorded_events(case)
    with pytest.raises(CaseError) as error:
        find_states_after_events(build(case), facts, 1 + max(fact.period for fact in facts))
    return error.value.problems


def test_two_reports_of_one_origin_count_once() -> None:
    report = "{{period: 0, deal: talks.swap, source: {}}}"
    one, two, three = (report.format(name) for name in ("wire", "paper", "witness"))
    facts, notes = read_recorded_events(case_of(one, two, more=SOURCES))
    assert [(fact.description, fact.report_count) for fact in facts] == [("deal: talks.swap", 2)]
    assert "2 reports of one origin count once" in notes[0]
    facts, notes = read_recorded_events(case_of(one, three, more=SOURCES))
    assert (len(facts), "reported 2 times, happened once" in notes[0]) == (1, True)
    later = "{period: 1, deal: talks.swap, source: paper}"
    assert len(read_recorded_events(case_of(one, later, more=SOURCES))[0]) == 2


def test_doubtful_events_are_left_out_and_reported() -> None:
    doubt = "{period: 0, deal: talks.swap, confirmed: false}"
    facts, notes = read_recorded_events(case_of(doubt, "{period: 1, deal: talks.swap}"))
    assert [fact.period for fact in facts] == [1]
    assert notes == ("period 0, deal: talks.swap (line 37): in doubt, not counted",)
    facts, notes = read_recorded_events(case_of(doubt, "{period: 0, deal: talks.swap}"))
    assert ([fact.report_count for fact in facts], "in doubt" in notes[0]) == ([2], False)


def test_reported_twice_or_once_makes_no_difference() -> None:
    event = "{period: 0, deal: talks.swap}"
    once, twice = (answers_after(PUBLIC, [event] * n, [], 1)[0].log_likelihoods for n in (1, 2))
    assert once == twice


def test_events_are_ordered_by_period_then_by_file() -> None:
    events = ["{period: 1, idle: talks}", "{period: 0, move: south.arm}"]
    facts, _ = read_recorded_events(
        case_of(*events, "{period: 0, observed: {force: 1, war: true}}")
    )
    assert [fact.description for fact in facts] == [
        "move: south.arm",
        "observed: force=1, war=true",
        "idle: talks",
    ]
    assert facts[0].as_json()["line"] == case_of(*events).events[1].location.line


@pytest.mark.parametrize(
    ("events", "words"),
    [
        (
            ["{period: 0, observed: {force: 1}}", "{period: 0, observed: {force: 2}}"],
            ("contradicts another event", "force=2", "force=1, as line"),
        ),
        (
            ["{period: 0, deal: talks.swap}", "{period: 0, idle: talks}"],
            ("contradicts another event", "idle: talks", "talks has 1 step in a period"),
        ),
        (
            ["{period: 0, move: south.arm}", "{period: 0, move: south.pass}"],
            ("contradicts another event", "move: south.pass", "south.arm in the same period"),
        ),
    ],
)
def test_contradictions_name_both_lines(events, words) -> None:
    case = case_of(*events)
    with pytest.raises(CaseError) as error:
        read_recorded_events(case)
    (problem,) = error.value.problems
    assert all(word in str(problem) for word in words)
    assert problem.line == case.events[1].location.line
    assert str(case.events[0].location.line) in problem.allowed


def test_a_party_with_two_steps_may_act_once_and_pass_once() -> None:
    events = ["{period: 0, move: north.shout}", "{period: 0, move: north.pass}"]
    assert len(read_recorded_events(case_of(*events))[0]) == 2


def test_too_many_events_in_one_period_are_refused() -> None:
    words = [f"w{n}" for n in range(13)]
    state = ", ".join(f"{word}: {{}}" for word in words)
    events = "\n".join(f"  - {{period: 0, observed: {{{word}: false}}}}" for word in words)
    head = "ceasefire: 1\nhorizon: 2\nparties: {a: {}}"
    with pytest.raises(CaseError, match="too many events in one period"):
        read_recorded_events(loads(f"{head}\nstate: {{{state}}}\nevents:\n{events}\n"))


def test_impossible_event_is_reported_with_possible_ones() -> None:
    first, second = refused(
        "{period: 0, idle: talks}", "{period: 0, move: south.pass}",
        "{period: 1, observed: {force: 2}}", "{period: 2, refused: talks.truce, by: north}",
        "{period: 3, chance: storm.hits}", "{period: 2, observed: {war: false}}",
    )  # fmt: skip
    assert first.line is not None
    assert (first.found, first.message) == (
        "observed: force=2",
        "no step explains this event in period 1, after the events before it",
    )
    assert "war=true, force=1" in first.allowed
    assert second.found == "observed: war=false" or "cannot have happened" in second.message


def test_event_in_a_wrong_period_says_when_it_is_possible() -> None:
    text = """
ceasefire: 1
horizon: 3
parties: {a: {}}
state: {ready: {}}
moves: {prepare: {by: a, set: {ready: true}}, strike: {by: a, when: ready}}
order: [{a: [strike, pass]}, {a: [prepare, pass]}]
events: [{period: 0, move: a.strike}]
"""
    with pytest.raises(CaseError) as error:
        update(loads(text), worlds=0, workers=1)
    (problem,) = error.value.problems
    assert (problem.line, problem.found) == (8, "move: a.strike")
    assert set(problem.allowed.split("; ")) == {"move: a.pass", "move: a.prepare"}
    assert problem.help == "it can happen in period 1: correct its period"


def test_events_that_exclude_each_other_are_named_together() -> None:
    (problem,) = refused(
        "{period: 0, deal: talks.truce}", "{period: 0, refused: talks.truce, by: south}"
    )
    assert problem.message == "cannot have happened in period 0 along with others"
    assert problem.found == "refused: talks.truce by south"
    assert problem.allowed == "what goes with deal: talks.truce"


def test_zero_probability_event_is_refused() -> None:
    text = """
ceasefire: 1
horizon: 2
unknowns: {odds: {oneof: [0, 0]}}
parties: {a: {}}
state: {war: {start: true}}
chance: {end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}}
events: [{period: 0, chance: end.peace}]
"""
    with pytest.raises(CaseError, match="has probability 0 in every world"):
        update(loads(text), worlds=2, workers=1)
    with pytest.raises(CaseError, match="has probability 0 at the best estimates") as caught:
        update(loads(text), worlds=0, workers=1)
    assert "ask in worlds" in caught.value.problems[0].help


def test_a_case_whose_events_are_all_in_doubt_has_nothing_to_update() -> None:
    with pytest.raises(CaseError, match="all events of the case are in doubt"):
        update(case_of("{period: 0, deal: talks.swap, confirmed: false}"), 0)


def test_a_case_without_events_has_nothing_to_update() -> None:
    with pytest.raises(CaseError, match="the case has no events"):
        update(loads(PUBLIC), worlds=0, workers=1)


def test_possible_events_of_a_period_are_listed_once() -> None:
    case = loads(PUBLIC)
    game = build(case)
    found = find_possible_events(game, 0, find_states_after_events(game, (), 0))
    assert set(found) == {
        "chance: storm.hits", "chance: storm.nothing", "outcome: south.arm.grows",
        "broken: no_attack", "idle: talks", "deal: talks.truce", "deal: talks.swap",
        "refused: talks.truce by north", "refused: talks.truce by south",
        "refused: talks.swap by north", "refused: talks.swap by south",
        "move: north.shout", "move: north.attack", "move: north.pass",
        "move: south.arm", "move: south.pass",
    }  # fmt: skip
    assert all(
        describe_event(event) == RecordedEvent(event).description == words
        for words, event in found.items()
    )


VOTED = """
ceasefire: 1
horizon: 4
parties: {a: {}, b: {}}
state: {peace: {}, office: {values: [here, there], start: here}}
tables:
  t: {seats: [a, b], deals: {d: {outcomes: [{name: no_vote, chance: 0.5, set: {peace: true}}]}}}
chance: {election: {outcomes: [{name: change, chance: 0.5, set: {office: there}}]}}
events: [{period: 0, EVENT}]
"""


@pytest.mark.parametrize(
    ("wrong", "words", "right"),
    [
        ("chance: t.d.no_vote", "write it as `outcome: t.d.no_vote`", "outcome: t.d.no_vote"),
        (
            "chance: election.stays",
            "election.nothing is that none of its outcomes came",
            "chance: election.nothing",
        ),
    ],
)
def test_an_outcome_that_is_none_says_how_it_is_written(wrong, words, right) -> None:
    """An election that changed nobody, and what came of a deal: no guess at the opposite event."""
    with pytest.raises(CaseError) as refused:
        loads(VOTED.replace("EVENT", wrong))
    assert words in str(refused.value)
    assert "did you mean" not in str(refused.value)
    assert loads(VOTED.replace("EVENT", right)).events
