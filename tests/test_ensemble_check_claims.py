"""Claims and questions over worlds: the same for any number of workers, and right by hand."""

import pkgutil
from dataclasses import replace

import pytest

import ceasefire as cf
from ceasefire.case import loads
from ceasefire.ensemble import ask, check, draw_worlds
from ceasefire.ensemble.run import EnsembleRun
from ceasefire.query import plan_questions, read_questions
from ceasefire.settings import SolveSettings

CASE = loads("""
ceasefire: 1
horizon: 2
unknowns: {odds: {best: 0.3, range: [0.2, 0.4]}, price: {best: 0.1, range: [0, 0.2]}}
parties: {north: {types: {calm: 0.5, rash: 0.5}, precision: 2}}
state: {war: {start: true}}
payoffs: {north: {war: -war}}
moves: {shout: {by: north, cost: "price if type == calm else 0"}}
chance: {end: {when: war, outcomes: [{chance: odds, set: {war: false}}]}}
claims:
  likely: {test: "P(at_end(not war)) > 0.5"}
  loud: {test: "P(eventually(happens(north.shout))) > 0.7"}
""")


def test_workers_change_nothing():
    one, two = (check(CASE, 12, seed=4, workers=n) for n in (1, 2))
    assert one.as_json() == two.as_json()


def test_shares_match_the_drawn_worlds():
    odds = [world["odds"] for world in draw_worlds(CASE, 32, seed=2)]
    found = check(CASE, 32, seed=2, workers=1).claim_checks[0]
    assert found.share is not None
    assert found.share.true == sum(1 - (1 - p) ** 2 > 0.5 for p in odds)
    assert found.share.worlds == 32
    spread = found.quantity_statistics[0].quantiles
    assert spread.mean == pytest.approx(sum(1 - (1 - p) ** 2 for p in odds) / 32)


def test_precision_checks_do_not_replace_worlds_2_and_4():
    """Checks at 2 and 4 times the precision stand beside worlds 2 and 4, not in their place."""
    found = check(CASE, 8, workers=1)
    assert found.run_stats.computed == 8
    assert found.claim_checks[0].share.worlds == 8
    assert [factor for factor, _ in found.claim_checks[0].sharper] == [2.0, 4.0]


def test_noise_dependence_is_detected():
    likely, loud = check(CASE, 0, workers=1).claim_checks
    assert likely.noise is False
    free = replace(CASE, claims={"loud": replace(CASE.claims["loud"], test=f"{SHOUT} > 0.65")})
    assert loud.best is True
    assert check(free, 0, workers=1).claim_checks[0].noise is True


SHOUT = "P(eventually(happens(north.shout)), types={north: calm})"


SIGNALS = loads("""
ceasefire: 1
horizon: 3
parties:
  north: {types: {calm: 0.5, rash: 0.5}, precision: 6}
  south: {precision: 6}
state: {armed: {}, hit: {}}
payoffs:
  north: {loot: "hit * (0.1 if type == calm else 1) * (0.3 if armed else 1)"}
  south: {loss: -hit * (0.2 if armed else 1)}
moves:
  strike: {by: north, when: not hit, set: {hit: true}, cost: 0.3}
  shout: {by: north, cost: "0.2 if type == calm else 0.05"}
  arm: {by: south, when: not armed, set: {armed: true}, cost: 0.4}
order: [{north: [shout, pass]}, south, {north: [strike, pass]}]
""")


def test_certificate_equals_asking_one_by_one():
    texts = ("P(eventually(hit))", "P(eventually(armed))")
    numerics = ask(SIGNALS, *texts, grid=5, workers=2).numerics
    plan = plan_questions(SIGNALS, read_questions(SIGNALS, texts), SolveSettings(5))
    longer, one_longer = (plan.evaluate_world(extra_tail=extra) for extra in (3, 1))
    finer, coarser = plan.evaluate_world(halvings=1), ()
    shifted = tuple(plan.evaluate_world(reply_shift=shift) for shift in (1, -1))
    best = plan.evaluate_world()
    alone = EnsembleRun(plan, best, finer, coarser, longer, one_longer, shifted=shifted).numerics
    assert numerics == alone
    assert numerics.grid_change > 0
    assert numerics.horizon_change > 0


def test_failed_worlds_are_counted_with_every_share():
    wide = replace(CASE.unknowns["odds"], kind="normal", parameters=(0.3, 0.4))
    found = check(replace(CASE, unknowns={**CASE.unknowns, "odds": wide}), 16, workers=1)
    failed = len(found.run_stats.failed)
    assert 0 < failed < 16
    assert len(found.claim_checks) == len(CASE.claims) > 0
    for verdict in found.claim_checks:
        assert (verdict.share.failed, verdict.share.worlds) == (failed, 16 - failed)


def test_results_are_indexed_by_world():
    wide = replace(CASE.unknowns["odds"], kind="normal", parameters=(0.3, 0.4))
    case = replace(CASE, unknowns={**CASE.unknowns, "odds": wide})
    impossible = [
        n for n, world in enumerate(draw_worlds(case, 16), 1) if not 0 <= world["odds"] <= 1
    ]
    assert list(check(case, 16, workers=1).run_stats.failed) == impossible


def test_best_comes_before_the_worlds():
    order = []
    check(
        CASE,
        2,
        workers=1,
        flips=False,
        on_best=lambda found: order.append(
            ("best", found.claim_checks[0].best, found.claim_checks[0].noise)
        ),
        progress=lambda done, total: order.append((done, total)),
    )
    best = order.index(("best", True, None))
    assert order[best + 1 : best + 13] == [(done, 12) for done in range(1, 13)]


def test_ctrl_c_keeps_what_is_known():
    def stop(done, total):
        if done == 10:
            raise KeyboardInterrupt

    found = check(CASE, 20, workers=1, progress=stop)
    assert found.run_stats.interrupted
    assert (found.run_stats.computed, found.run_stats.requested) == (1, 20)
    assert found.numerics.horizon_change is not None


def test_ctrl_c_before_the_checks_leaves_them_unknown():
    known = []

    def stop(done, total):
        if known:
            raise KeyboardInterrupt

    found = check(CASE, 20, workers=1, on_best=known.append, progress=stop)
    assert found.run_stats.computed == 0
    assert found.claim_checks[0].noise is None
    assert found.numerics.grid_change is None
    assert found.claim_checks[0].share.verdict is None


def test_ask_keeps_the_order_of_its_questions_and_asks_each_once():
    texts = ("E(odds)", "P(at_end(war))", "E(odds)")
    found = ask(CASE, *texts, worlds=4, workers=1)
    assert [answer.expr for answer in found.answers] == list(texts)
    assert found.answers[0] == found.answers[2]


def test_frames_have_a_row_for_each_claim_and_quantity():
    frame = check(CASE, 4, workers=1).frame()
    assert frame["id"].to_list() == ["likely", "loud"]
    assert ask(CASE, "E(odds) + E(price)").frame().height == 2


def test_public_names_are_functions_not_packages():
    import ceasefire.ensemble.run  # noqa: F401  a module must not hide the function

    packages = {module.name for module in pkgutil.iter_modules(cf.__path__)}
    assert "query" in packages
    assert packages.isdisjoint(cf.__all__)
    assert cf.ask is ask
    assert cf.check is check
    assert callable(cf.solve)
    assert sorted(cf.__all__) == cf.__all__
    for name in cf.__all__:
        assert getattr(cf, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        cf.nonsense  # noqa: B018
