"""Cases for other programs: every number that goes over is ours, and what does not is said."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from ceasefire.case import dump, load, loads
from ceasefire.cli.main import app
from ceasefire.ensemble import draw_worlds
from ceasefire.equilibrium import solve
from ceasefire.errors import GameError
from ceasefire.formats import from_efg, to_dot, to_efg, to_nfg, to_prism, to_salib, to_tables
from ceasefire.formats.coalition_goals import read_coalition_goals
from ceasefire.formats.latin_letters import spell_in_ascii
from ceasefire.formats.tables import policy_tables
from ceasefire.game import build, game_parameters
from ceasefire.query import timeline
from support.truce_case import CASE as TRUCE

CASES = Path(__file__).parents[1] / "cases"
ONE = """
ceasefire: 1
title: One round
horizon: 1
ending: nothing
unknowns: {luck: {best: 0.25, range: [0, 1]}, stake: {oneof: [1, 2]}, fixed: {best: 3}}
together: [[luck, stake, 0.5]]
parties: {a: {precision: 3}, b: {precision: 3}}
state: {open: {start: true}, gain: {values: 0..4, start: 0}}
payoffs: {a: {gain: gain}, b: {gain: fixed - gain * stake}}
moves:
  reach: {by: a, when: open, cost: 0.5, outcomes: [{name: hit, chance: luck, set: {gain: 4}}]}
  shut: {by: b, when: open, cost: 0.125, set: {open: false}}
order: [b, a]
"""
STEPS = """
ceasefire: 1
title: Words
horizon: 2
tail: 1
parties: {init: {}, b: {types: {hawk: 0.5, dove: 0.5}}}
state:
  war: {start: true}
  n: {values: 0..3, start: 1}
  mood: {values: [calm, tense], start: calm}
conditions: {many: n >= 2, load: n / 2}
moves:
  hit: {by: b, when: not war, during: [1, 1], set: {war: true, n: "min(n + 1, 3)"},
        outcomes: [{chance: "0.1 * n * (1 - oath)", set: {mood: tense if many else calm}}]}
promises: {oath: {by: b, forbids: [hit]}}
tables:
  talks: {seats: [b, init], proposes: any, meets: 0.5,
          deals: {stop: {when: war, set: {war: false}, promises: [oath]}}}
order: [talks, {b: [hit]}]
claims:
  stops: {test: "can([init, b], eventually(not war)) > 0.5"}
  early: {test: "P(eventually(not war), within=1) > 0.1"}
  typed: {test: "P(eventually(not war), types={b: hawk}) > 0.1"}
  other: {test: "can([b], always(war), start={n: 2}) > 0.1 and value(b) > 0"}
  later: {test: "can([b], always(war), after=b.pass) > 0.1"}
"""


# PRISM: what Storm makes of the whole model is checked in verification/


def prism(text: str) -> tuple[list[str], list[str], list[str]]:
    game, goals, left = read_coalition_goals(loads(text))
    exported, properties = to_prism(game, goals)
    return exported.text.splitlines(), properties.splitlines(), [*exported.notes, *left]


def test_a_move_is_split_by_promise_and_its_outcome_reads_what_comes_before():
    lines, _, _ = prism(STEPS)
    kept, broken = (line for line in lines if "[b_hit] step" in line)
    assert "period>=1 & period<=1 & !war & !oath ->" in kept
    assert "period>=1 & period<=1 & !war & oath ->" in broken
    for line in (kept, broken):
        assert "(0.1 * min((n + 1), 3))" in line  # the outcome's chance reads the new n
        assert "((min((n + 1), 3) >= 2) ? 1 : 0)" in line  # and so does a condition in its `set`
        assert "(n'=min((n + 1), 3))" in line
    assert "(oath'=false)" in broken
    assert "(oath'" not in kept


def test_prism_table_is_meeting_offer_answer():
    lines, _, notes = prism(STEPS)
    commands = [line.strip() for line in lines if line.startswith("  [")]
    signed = "(war'=false)&(oath'=true)&(step'=1)&(talk'=0);"
    nothing = "(step'=1)&(talk'=0);"
    at = "step=0 & period<2 & talk"
    assert commands[:9] == [
        f"[skip] {at}=0 & !war -> {nothing}",
        f"[talks_meets] {at}=0 & war -> 0.5 / 2:(talk'=1) + 0.5 / 2:(talk'=2) + 1 - 0.5:{nothing}",
        f"[b_offers_talks_stop] {at}=1 & war -> (talk'=3);",
        f"[init_accepts_talks_stop] {at}=3 -> {signed}",
        f"[init_refuses_talks_stop] {at}=3 -> {nothing}",
        f"[b_offers_nothing_at_talks] {at}=1 -> {nothing}",
        f"[init_offers_talks_stop] {at}=2 & war -> (talk'=4);",
        f"[b_accepts_talks_stop] {at}=4 -> {signed}",
        f"[b_refuses_talks_stop] {at}=4 -> {nothing}",
    ]
    assert "player init_ " in "\n".join(lines)
    assert "init is called init_: the name is taken." in notes


def test_prism_consent_restricted_steps_and_remaining_probability():
    text = STEPS.replace("promises: [oath]}}}", "promises: [oath], needs: [b]}}}")
    lines, _, _ = prism(text.replace('chance: "0.1 * n * (1 - oath)"', "chance: 0.25"))
    commands = "\n".join(lines)
    assert "[b_offers_talks_stop] step=0 & period<2 & talk=1 & war -> (war'=false)&" in commands
    assert "[init_offers_talks_stop] step=0 & period<2 & talk=2 & war -> (talk'=3);" in commands
    assert "init_accepts" not in commands
    assert "[b_pass] step=1 & !(period>=1 & period<=1 & !war) -> (step'=2);" in commands
    assert re.search(r"\[b_hit\] .* -> 0.25:.* \+ 0.75:\(war'=true\)", commands)


def test_goals_have_their_coalition_and_their_period():
    lines, properties, notes = prism(STEPS)
    assert properties == [
        "// stops: can([init, b], eventually(not war))",
        '"stops": <<init_,b>> Pmax=? [ F "goal_1_after_2" ];',
        "// early: P(eventually(not war), within=1)",
        '"early_most": <<init_,b>> Pmax=? [ F "goal_1_after_1" ];',
        '"early_least": <<init_,b>> Pmin=? [ F "goal_1_after_1" ];',
    ]
    assert 'label "goal_1_after_1" = period=1 & step=0 & talk=0 & (goal_1=1);' in lines
    said = "\n".join(notes)
    for words in ("Hidden types", "(b)", "tail of 1", "Payoffs", "Claim typed", "Claim other asks"):
        assert words in said
    assert said.count("Claim other") == 2  # another game, and what is got
    assert "Claim later asks for what comes once choices were made (after)" in said


SAID = {
    "n >= 2": "(n >= 2)",
    "n / 2": "(n / 2)",
    "n % 2 == 1": "((n - 2 * floor(n / 2)) = 1)",
    "abs(n - 2) ** 2 > 1": "(pow(1.0 * max((n - 2), -(n - 2)), 2) > 1)",
    "mood in (calm, tense)": "(mood = 0 | mood = 1)",
    "exp(n) > sqrt(n + 1)": "(pow(2.718281828459045, n) > pow(1.0 * (n + 1), 0.5))",
    "log(n + 1) / 2": "(log((n + 1), 2.718281828459045) / 2)",
    "0 < n <= 2": "(0 < n & n <= 2)",
    "n and war": "((n != 0) ? (war ? 1 : 0) : 0)",
    "n or 7": "((n != 0) ? n : 7)",
    "not (war or n == 1)": "!(war | (n = 1))",
    "not not war": "!(!war)",
    "(2 if war else n) * -1.5": "((war ? 2 : n) * (-1.5))",
    "war if mood == calm else not war": "((mood = 0) ? war : !war)",
    "war + 1": "((war ? 1 : 0) + 1)",
    "true": "1",
}


@pytest.mark.parametrize(("written", "said"), SAID.items(), ids=list(SAID))
def test_prism_translates_every_operator(written, said):
    lines, _, _ = prism(STEPS.replace("load: n / 2", f'load: "{written}"'))
    assert [line for line in lines if "formula load" in line] == [f"formula load = {said};"]


# Gambit: what Gambit makes of the files is checked in verification/


def test_strategic_form_payoffs():
    text = to_nfg(build(loads(ONE))).text
    head, body = text.split('""\n\n')
    assert head.splitlines()[0] == 'NFG 1 R "One round" { "a" "b" }'
    assert head.splitlines()[2:4] == [
        '{ { "a.reach" "a.pass" }',
        '{ "b.shut" "b.pass" }',
    ]
    # b first: if it shuts, a cannot reach; else a reaches 4 with chance 1/4 for 1/2
    shut, reach, rest = (0, 3 - 0.125), (0.5, 2), (0, 3)
    rows = [tuple(float(x) for x in line.split()) for line in body.splitlines()]
    assert rows == [shut, shut, reach, rest]


def test_strategies_of_types_name_each_type():
    text = ONE.replace("b: {precision: 3}", "b: {types: {hard: 0.25, soft: 0.75}}").replace(
        "cost: 0.125", "cost: 0.125 if type == hard else 1"
    )
    file = to_nfg(build(loads(text))).text
    assert '"hard: b.shut; soft: b.pass"' in file
    rows = file.split('""\n\n')[1].splitlines()
    assert len(rows) == 2 * 4
    mixed = [tuple(float(x) for x in row.split()) for row in rows][2]  # a reaches, hard shuts
    assert mixed == pytest.approx((0.75 * 0.5, 0.25 * 2.875 + 0.75 * 2))


@pytest.mark.parametrize(
    ("text", "most", "words"),
    [
        (ONE.replace("horizon: 1", "horizon: 2"), 99, "must be a game of one period"),
        (ONE + "tail: 1\n", 99, "must be a game of one period"),
        (ONE, 3, "has too many strategies"),
    ],
)
def test_oversized_strategic_form_is_refused_with_help(text, most, words):
    with pytest.raises(GameError) as caught:
        to_nfg(build(loads(text)), max_combinations=most)
    (problem,) = caught.value.problems
    assert problem.message == words
    assert "--to efg" in problem.help


def test_a_tree_comes_back_as_the_same_game():
    case = loads(ONE)
    back = loads(
        from_efg(to_efg(build(case)).text.encode()).text.replace("precision: 20", "precision: 3")
    )
    here, there = solve(build(case)), solve(build(back))
    for party in ("a", "b"):
        assert there.value(party) == pytest.approx(here.value(party), abs=1e-12)


# SALib


def test_salib_problem_has_our_distributions_and_sample():
    text = ONE.replace(
        "luck: {best: 0.25, range: [0, 1]}",
        "luck: {triangle: [0.1, 0.2, 0.5]}, "
        "size: {normal: [2, 0.5]}, pace: {lognormal: [2, 1.5]}, rate: {range: [1, 3]}",
    )
    case = loads(text)
    worlds = draw_worlds(case, 8, 3)
    exported = to_salib(case, worlds)
    document = json.loads(exported.text)
    problem, sample = document["problem"], np.array(document["sample"])
    assert problem["names"] == ["luck", "size", "pace", "rate", "stake"]
    assert problem["num_vars"] == 5
    assert problem["dists"] == ["triang", "norm", "lognorm", "unif", "unif"]
    assert problem["bounds"][0] == pytest.approx([0.1, 0.5, 0.25])
    assert problem["bounds"][1:] == [
        [2, 0.5],
        pytest.approx([np.log(2), np.log(1.5)]),
        [1, 3],
        [1, 2],
    ]
    columns = [worlds.names.index(name) for name in problem["names"]]
    assert np.array_equal(sample, worlds.values[1:, columns])
    assert len(exported.notes) == 4
    for words in ("fixed", "stake is one of 1, 2", "luck and stake 0.5"):
        assert any(words in note for note in exported.notes)


# Tables


def test_tables_hold_the_whole_game():
    game = build(TRUCE)
    given = game_parameters(game)
    tables, notes = to_tables(game)
    states, payoffs, branches = tables["states"], tables["payoffs"], tables["branches"]
    assert states["war"].to_list() == [bool(code) for code in game.states[:, 0]]
    assert (
        states["strong"].to_list()
        == game.evaluate_in_states(game.case.conditions["strong"]).tolist()
    )
    assert (
        states.filter(pl.col("first_period") == 0)["state"].to_list()
        == game.reached_states[0].tolist()
    )
    for r, (party, kind) in enumerate(game.player_types):
        types = list(game.case.parties[party].types)
        same = pl.col("type") == types[kind] if types else pl.col("type").is_null()
        summed = (
            payoffs.filter((pl.col("party") == party) & same)
            .group_by("state")
            .agg(pl.col("value").sum())
            .sort("state")["value"]
        )
        assert summed.to_list() == pytest.approx(given.payoff[:, r].tolist())
    assert len(branches) == sum(len(graph.successor) for graph in game.graphs)
    drawn = branches.filter(pl.col("chance").is_not_null()).group_by("from_period", "node")
    assert drawn.agg(pl.col("chance").sum())["chance"].to_list() == pytest.approx(
        [1.0] * drawn.len().height
    )
    attack = branches.filter(
        (pl.col("option") == "south.attack") & (pl.col("cost") > 0.3 + 0.1 + 0.1)
    )
    assert set(attack["happens"]) >= {"broken:oath + south.attack"}
    assert notes


def test_exported_policies_sum_to_1():
    play = solve(build(TRUCE), grid=33)
    tables, _ = policy_tables(play)
    sums = tables["play"].group_by("period", "node", "type").agg(pl.col("probability").sum())
    assert sums["probability"].to_list() == pytest.approx([1.0] * len(sums))
    war = pl.DataFrame({"state": range(len(play.game.states)), "war": play.game.states[:, 0]})
    course = tables["course"].join(war, on="state").filter(pl.col("war") == 1)
    fighting = course.group_by("period").agg(pl.col("probability").sum()).sort("period")
    series = next(s for s in timeline(TRUCE, grid=33).series if s.name == "war")
    assert fighting["probability"].to_list() == pytest.approx(list(series.values))
    first = tables["play"].filter((pl.col("period") == 0) & (pl.col("role") == "offer"))
    assert set(first["type"]) == {"hawk", "dove", None}


def test_exported_policies_cover_every_state_and_type():
    play = solve(build(TRUCE), grid=33)
    tables, _ = policy_tables(play)
    for period in range(TRUCE.horizon):
        begun = tables["course"].filter(
            (pl.col("period") == period) & (pl.col("probability") > 1e-6)
        )
        shown = tables["play"].filter(pl.col("period") == period)
        assert set(begun["state"]) <= set(shown["state"])
    whose = (pl.col("party") == "south") & (pl.col("period") == 0) & (pl.col("role") == "offer")
    for row, kind in enumerate(("hawk", "dove")):
        offers = tables["play"].filter(whose & (pl.col("type") == kind))
        node = offers["node"][0]
        expected = play.choice_probabilities(0, node, play.prior_record)[row].tolist()
        assert offers.filter(pl.col("node") == node)["probability"].to_list() == expected


def test_tables_too_large_are_refused():
    with pytest.raises(GameError, match="a table is too large"):
        to_tables(build(TRUCE), max_rows=10)


# Drawings


def test_dot_graph_has_an_edge_per_transition():
    game = build(loads(ONE))
    text = to_dot(game).text
    arrows = re.findall(r'"state (\d+)" -> "state (\d+)" \[label="([^"]*)"\]', text)
    named = {(game.describe(int(x)), game.describe(int(y)), label) for x, y, label in arrows}
    assert named == {
        ("open=true, gain=0", "open=false, gain=0", "b.shut"),
        ("open=true, gain=0", "open=true, gain=4", "a.reach.hit"),
    }
    assert text.count("{") == text.count("}")
    assert text.count('"') % 2 == 0


def test_dot_edge_is_labelled_by_the_move():
    promise = "promises: {word: {by: a, forbids: [reach]}}\n"
    bound = "shut: {by: b, when: open, cost: 0.125, set: {open: false}, promises: [word]}"
    text = ONE.replace("shut: {by: b, when: open, cost: 0.125, set: {open: false}}", bound)
    text = text.replace("when: open, cost: 0.5, outcomes", "cost: 0.5, outcomes") + promise
    arrows = re.findall(
        r'"state \d+" -> "state \d+" \[label="([^"]*)"\]', to_dot(build(loads(text))).text
    )
    assert sorted(set(arrows)) == ["a.reach.hit", "a.reach.nothing", "b.shut"]


def test_dot_graph_omits_excess_states_with_a_note():
    exported = to_dot(build(TRUCE), max_states=3)
    assert "cluster_states" not in exported.text
    assert any("too many to draw" in note for note in exported.notes)


# The command


def call(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def one(tmp_path: Path) -> Path:
    path = tmp_path / "one.yaml"
    path.write_text(ONE)
    return path


@pytest.mark.parametrize("to", ["efg", "nfg", "prism", "salib", "dot"])
def test_exports_go_to_stdout_or_file_and_notes_to_stderr(to, one, tmp_path):
    printed = call("export", str(one), "--to", to, "--worlds", "4")
    assert printed.exit_code == 0, printed.output
    assert "note  " not in printed.stdout
    assert printed.stderr.startswith("note  ")
    target = tmp_path / f"one.{to}"
    written = call("export", str(one), "--to", to, "--worlds", "4", "-o", str(target))
    assert written.stdout == ""
    assert target.read_text() == printed.stdout
    assert (tmp_path / "one.props").exists() == (to == "prism")


def test_tables_go_into_a_folder_the_same_in_both_forms(one, tmp_path):
    for form in ("csv", "parquet"):
        done = call("export", str(one), "--to", form, "-o", str(tmp_path / form))
        assert done.exit_code == 0, done.output
        assert "note  " in done.stderr
    for name in ("states", "payoffs", "branches", "play", "course"):
        kept = pl.read_parquet(tmp_path / "parquet" / f"{name}.parquet")
        with (tmp_path / "csv" / f"{name}.csv").open(newline="") as file:
            rows = list(csv.reader(file))
        assert rows[0] == kept.columns
        assert len(rows) == len(kept) + 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "word"], "efg, nfg, prism"),
        (["--to", "csv"], "-o FOLDER"),
        (["--to", "dot", "-o", "/nowhere/at/all.dot"], "cannot be written"),
        (["--to", "parquet", "-o", "{file}"], "cannot be written"),
        (["--to", "efg", "--memory", "0"], "not an amount of memory"),
        (["--to", "prism", "-o", "{file}.props"], "name the model"),
        ([], "--to"),
    ],
)
def test_what_cannot_be_exported_is_refused(arguments, words, one):
    done = call("export", str(one), *(part.format(file=one) for part in arguments))
    assert done.exit_code == 2
    assert "Traceback" not in done.output
    assert words in done.stderr


def test_a_case_too_large_for_a_tree_says_so():
    with pytest.raises(GameError, match="the game tree is too large"):
        to_efg(build(load(CASES / "coalition-2025.yaml")), max_nodes=2_000)


def test_prism_names_are_no_keywords_of_storm():
    text = """
ceasefire: 1
horizon: 1
parties: {ma: {}, b: {}}
state: {ctmdp: {}, endmodule: {}}
payoffs: {ma: {gain: ctmdp}}
moves: {go: {by: ma, when: not ctmdp and not endmodule, set: {ctmdp: true, endmodule: true}}}
"""
    model = re.sub("//.*", "", to_prism(build(loads(text)))[0].text)
    assert "player ma_ " in model
    assert re.search(r"!ctmdp_ & !end_module\b", model)
    assert not re.search(r"\b(ma|ctmdp)\b|endmodule_|!endmodule", model)


def test_salib_can_draw_from_the_edges_of_its_distributions():
    text = """
ceasefire: 1
horizon: 1
unknowns: {late: {triangle: [0, 4, 4]}, only: {oneof: [1]}, both: {oneof: [1, 2]}}
parties: {a: {}}
state: {war: {}}
payoffs: {a: {war: -late * war * only * both}}
"""
    case = loads(text)
    exported = to_salib(case, draw_worlds(case, 2))
    problem = json.loads(exported.text)["problem"]
    assert problem["names"] == ["late", "both"]
    assert 1 - 1e-12 < problem["bounds"][0][2] < 1
    assert "Fixed unknowns are not in the problem: only." in exported.notes


@pytest.mark.parametrize("write", [to_efg, to_nfg])
def test_gambit_gets_letters_that_it_can_return(write):
    title = "Мир — État, 停火"
    case = loads(ONE.replace("title: One round", f"title: {title}"))
    exported = write(build(case))
    assert exported.text.isascii()
    assert exported.text.split('"')[1] == "Myr - Etat, ??"
    assert any("spelled" in note for note in exported.notes)
    assert not any("spelled" in note for note in write(build(loads(ONE))).notes)


def test_cyrillic_and_greek_letters_are_spelled():
    assert spell_in_ascii("Щорс Їжак, об’єкт; Ἀθῆναι") == "Shchors Izhak, ob'iekt; Athinai"
    assert spell_in_ascii("plain text") == "plain text"


WORDS_OF_YAML_1_1 = """
ceasefire: 1
title: "No"
horizon: 1
parties: {y: {name: "Yes", types: {on: 0.5, off: 0.5}}, n: {name: "1:30"}}
state: {mood: {values: [yes, no], start: no}, on_: {}}
payoffs: {y: {gain: "mood == yes"}}
moves:
  y.n: {by: y, when: mood == no, set: {mood: yes}}
order: [y, n]
"""


def read_as_yaml_1_1(text: str):
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 1)
    return reader.load(text)


def test_what_we_write_reads_the_same_in_yaml_1_1_and_1_2():
    resolved = dump(loads(WORDS_OF_YAML_1_1))
    imported = from_efg(
        b'EFG 2 R "on" { "No" "Y" } p "" 1 1 "" { "yes" "off" } 0 t "" 1 "" { 1 2 }'
        b'p "" 2 1 "" { "n" "0" } 0 t "" 2 "" { 0 1 } t "" 0'
    ).text
    for text in (resolved, imported):
        assert read_as_yaml_1_1(text) == YAML(typ="safe", pure=True).load(text)
        loads(text)
    assert list(read_as_yaml_1_1(resolved)["parties"]) == ["y", "n"]
    assert list(read_as_yaml_1_1(imported)["parties"]) == ["no", "y"]
