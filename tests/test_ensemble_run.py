"""The same numbers whatever the workers; failures counted; Ctrl-C keeps what is done."""

import sys
import time

import numpy as np
import pytest

from ceasefire.case import loads
from ceasefire.ensemble import DrawnWorlds, ask, run_worlds
from ceasefire.errors import GameError, WorldError

CHOICE = """
ceasefire: 1
horizon: 1
ending: nothing
parties: {a: {precision: 5, patience: 0}}
state: {done: {}}
payoffs: {a: {gain: 0.1 * done, loss: -done * steep}}
unknowns: {steep: {best: 0, range: [0, 1]}}
moves: {act: {by: a, set: {done: true}}}
"""
WORLDS = DrawnWorlds(("a", "b"), np.arange(42.0).reshape(21, 2), seed=0)


def total(world):
    return world["a"] + 0.1 * world["b"]


def picky(world):
    if world["a"] >= 38:
        raise GameError("value out of range")
    return world["a"]


def test_answers_do_not_depend_on_workers():
    one, two = run_worlds(total, WORLDS, workers=1), run_worlds(total, WORLDS, workers=2)
    assert one == two
    assert list(one.answers) == list(range(1, 21))
    assert one.answers[3] == total(WORLDS[3])


def slow_at_first(world):
    time.sleep(1.5 if world["a"] == 2 else 0)
    return world["a"]


def test_answers_come_in_the_order_of_the_worlds_not_of_their_arrival():
    assert list(run_worlds(slow_at_first, WORLDS, workers=2).answers) == list(range(1, 21))


def test_answers_that_arrive_backwards_are_put_in_order(monkeypatch):
    module = sys.modules["ceasefire.ensemble.run"]

    def backwards(task, jobs, engine):
        yield from reversed([(key, task(job)) for key, job in jobs])

    monkeypatch.setattr(module, "stream_answers", backwards)
    done = run_worlds(picky, WORLDS, workers=2)
    assert list(done.answers) == list(range(1, 19))
    assert list(done.failed) == [19, 20]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_impossible_world_is_failed_and_says_why(workers):
    done = run_worlds(picky, WORLDS, workers)
    assert list(done.failed) == [19, 20]
    assert done.failed[19] == "value out of range"
    assert len(done.answers) == 18
    assert len(done) == 20


def test_progress_counts_every_world():
    seen = []
    run_worlds(picky, WORLDS, 1, lambda *counts: seen.append(counts))
    assert seen == [(done, 20) for done in range(1, 21)]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("P(at_end(done))", "0.881 when everyone is four times as precise"),
        ("P(at_end(done)) > 0.7", "true when everyone is twice as precise"),
        ("P(at_end(done)) > 0.6", None),
        ("P(at_end(done), sharper=2)", None),
        ("P(at_end(done), given={steep: 1})", None),
        ("value(a)", None),
    ],
)
def test_an_answer_that_noise_decides_is_warned_about(question, said):
    """1 / (1 + exp(-0.5)) is .62, twice as precise .73, four times .88."""
    (answer,) = ask(loads(CHOICE), question, workers=1).answers
    warning = f"depends on how precisely parties act: {said}"
    assert answer.warnings == ((warning,) if said else ())


def test_ctrl_c_keeps_what_is_done():
    def stop(done, total):
        if done == 5:
            raise KeyboardInterrupt

    for workers in (1, 2):
        kept = run_worlds(total, WORLDS, workers, stop)
        assert kept.interrupted
        assert len(kept) == 5
        assert all(answer == total(WORLDS[w]) for w, answer in kept.answers.items())


def test_a_fault_of_the_program_is_not_taken_for_a_failed_world():
    def broken(world):
        return world["nothing"]

    with pytest.raises(KeyError):
        run_worlds(broken, WORLDS, 1)


def test_no_worlds_no_answers():
    none = DrawnWorlds(("a", "b"), np.zeros((1, 2)), seed=0)
    assert len(run_worlds(total, none)) == 0


def test_workers_must_be_at_least_one():
    with pytest.raises(WorldError, match="1 or more, found 0"):
        run_worlds(total, WORLDS, workers=0)
