"""The map of an argument says what the tree says, and nothing in it overlaps."""

from dataclasses import replace

import lxml.html
import pytest

from ceasefire.argument import conclusion_figures
from ceasefire.ensemble import ShareOfWorlds, check
from ceasefire.errors import QuestionError
from ceasefire.render.chart_theme import chart_png
from ceasefire.render.charts import chart
from ceasefire.render.charts_argument import argument_map, describe_argument_map
from ceasefire.render.check_summary import describe_share
from ceasefire.render.report import render_report
from ceasefire.render.report_data import compute_report_data
from test_render_check_summary import CASE


@pytest.fixture(scope="module")
def checked():
    return check(CASE, 64, workers=1)


@pytest.fixture(scope="module")
def at_best():
    return check(CASE, 0, flips=False, workers=1)


def rows_with(drawn, *fields):
    """The rows of the data set of a chart that has these fields."""
    sets = drawn.to_dict()["datasets"].values()
    return next(rows for rows in sets if rows and set(fields) <= set(rows[0]))


def boxes(drawn):
    return rows_with(drawn, "x2", "stroke")


def words(drawn):
    """The lines in each box as one text, from left to right and top to bottom."""
    sets = drawn.to_dict()["datasets"].values()
    lines = [row for rows in sets for row in rows if "text" in row]
    found = []
    for box in sorted(boxes(drawn), key=lambda box: (box["x"], box["y"])):
        own = [
            line
            for line in lines
            if box["x"] < line["x"] < box["x2"] and box["y"] < line["y"] < box["y2"]
        ]
        own.sort(key=lambda line: (line["y"], line["x"]))
        found.append(" ".join(line["text"] for line in own))
    return found


def like(check_result, premises):
    """A check of claims with these premises and long sentences, true in some of 40 worlds."""
    first = check_result.claim_checks[0]
    truths = {name: [world % (n + 2) > 0 for world in range(40)] for n, name in enumerate(premises)}
    claims = tuple(
        replace(
            first,
            id=name,
            says=f"Claim {name} says " + "that it is so and so " * (n % 5 + 1),
            because=because,
            test_is_premises=False,
            share=ShareOfWorlds(sum(truths[name]), 40),
            argument=conclusion_figures(truths[name], {one: truths[one] for one in because})
            if because
            else None,
        )
        for n, (name, because) in enumerate(premises.items())
    )
    return replace(check_result, claim_checks=claims)


def test_map_has_share_verdict_and_sentence_of_each_claim_of_the_argument(checked):
    told = words(argument_map(checked))
    assert len(told) == 7  # not the claim that stands alone
    for claim in checked.claim_checks[:-1]:
        (own,) = [text for text in told if claim.says in text]
        assert f"{describe_share(claim)} · {claim.share.verdict}" in own
    thesis = next(text for text in told if "Peace lasts." in text)
    assert thesis.startswith("~ 38 % · depends")


def test_weakest_and_idle_premises_and_readings_are_in_words(checked):
    told = words(argument_map(checked))
    claims = {claim.id: claim for claim in checked.claim_checks}
    figures = claims["peace"].argument
    weakest = next(text for text in told if claims[figures.weakest].says in text)
    assert "weakest premise" in weakest
    for name in figures.idle:
        assert "idle premise" in next(text for text in told if claims[name].says in text)
    assert figures.reading in next(text for text in told if "Peace lasts." in text)


def test_lines_are_as_thick_as_conclusions_follow(checked):
    drawn = argument_map(checked)
    widths = {row["line"]: (row["width"], row["dash"]) for row in rows_with(drawn, "line", "width")}
    claims = {claim.id: claim for claim in checked.claim_checks}
    assert len(widths) == sum(len(claim.because) for claim in claims.values())
    share = claims["words"].argument.follows.share
    assert widths["barracks words"] == (pytest.approx(1 + 4 * share, abs=0.01), "solid")
    assert widths["money force"] == (5.0, "solid")  # no test of its own: true where they are


def test_a_premise_stands_left_of_all_that_rests_on_it(checked):
    drawn = argument_map(checked)
    for line in {row["line"] for row in rows_with(drawn, "line", "width")}:
        across = [row["x"] for row in rows_with(drawn, "line", "width") if row["line"] == line]
        assert across == sorted(across)


def test_without_worlds_the_map_says_what_is_true_at_the_best_estimates(at_best):
    drawn = argument_map(at_best)
    told = words(drawn)
    assert next(t for t in told if "There is money." in t).startswith("✓ true There")
    assert next(t for t in told if "Peace lasts." in t).startswith("✗ false Peace")
    assert "at the best estimates" in " ".join(drawn.to_dict()["title"]["subtitle"])
    assert {row["width"] for row in rows_with(drawn, "line", "width")} == {1.0}


STAR = {"t": tuple(f"p{n}" for n in range(39)), **{f"p{n}": () for n in range(39)}}
CHAIN = {f"c{n}": (f"c{n + 1}",) if n < 9 else () for n in range(10)}
WEB = {f"w{n}": tuple(f"w{m}" for m in range(n + 1, 40) if m % (n + 2) == 0) for n in range(40)}


@pytest.mark.parametrize("premises", [{"a": ("b",), "b": ()}, STAR, CHAIN, WEB])
def test_no_box_overlaps_another_and_every_line_of_text_is_in_its_box(checked, premises):
    result = like(checked, premises)
    drawn = argument_map(result)
    found = boxes(drawn)
    for number, one in enumerate(found):
        for other in found[:number]:
            apart = (
                one["x"] >= other["x2"]
                or other["x"] >= one["x2"]
                or one["y"] >= other["y2"]
                or other["y"] >= one["y2"]
            )
            assert apart
    said = " ".join(words(drawn))
    shown = [
        c for c in result.claim_checks if c.because or any(c.id in b for b in premises.values())
    ]
    assert len(found) == len(shown)
    assert all(f"Claim {claim.id} says" in said for claim in shown)
    assert chart_png(drawn, 1).startswith(b"\x89PNG")


def test_lines_of_a_tree_do_not_cross(checked):
    tree = {"t": ("a", "b"), "a": ("c", "d"), "b": ("e", "f"), "f": (), "e": (), "d": (), "c": ()}
    drawn = argument_map(like(checked, tree))
    heights = {}
    for row in rows_with(drawn, "line", "width"):
        heights.setdefault(row["line"], []).append(row["y"])
    starts = {line.split()[0]: ys[0] for line, ys in heights.items()}
    assert (starts["a"] < starts["b"]) == (
        max(starts["c"], starts["d"]) < min(starts["e"], starts["f"])
    )
    assert (starts["a"] > starts["b"]) == (
        min(starts["c"], starts["d"]) > max(starts["e"], starts["f"])
    )


def test_chart_draws_the_map_on_request_and_refuses_where_nobody_argues(checked):
    drawn = chart(CASE, checked, argument=True)
    assert words(drawn) == words(argument_map(checked))
    quiet = replace(checked, claim_checks=checked.claim_checks[-1:])
    assert argument_map(quiet) is None
    with pytest.raises(QuestionError, match="nothing to draw"):
        chart(CASE, quiet, argument=True)


def test_a_report_shows_the_map_above_the_tree(checked):
    page = lxml.html.fromstring(render_report(compute_report_data(CASE, 8, workers=1, flips=False)))
    (section,) = page.xpath("//section[@aria-labelledby='argument']")
    (label,) = section.xpath("./figure//*[@role='img']/@aria-label")
    assert label == describe_argument_map(checked)
    kinds = [element.tag for element in section]
    assert kinds.index("figure") < kinds.index("ul")
