"""What `check` prints on one screen: headline, argument, what turns it, the other claims."""

from dataclasses import replace
from io import StringIO

import lxml.html
import pytest
from rich.console import Console

from ceasefire.case import loads
from ceasefire.ensemble import check
from ceasefire.render.check_summary import (
    argument_nodes,
    check_summary,
    describe_shares,
    shares_so_far,
)
from ceasefire.render.report import render_report
from ceasefire.render.report_data import compute_report_data

TEXT = """
ceasefire: 1
title: A line
horizon: 1
unknowns: {u: {label: Luck of the day, best: 0.4, range: [0, 1]}}
parties: {a: {}}
state: {war: {start: true}}
claims:
  peace: {says: Peace lasts., test: u < 0.375, because: [force, words], where: top}
  force: {says: There is a force., because: [money, troops]}
  money: {says: There is money., test: u < 0.75}
  troops: {says: There are troops., because: [barracks]}
  barracks: {says: There are barracks., test: u < 0.5}
  words: {says: Words carry., test: u < 0.25 or u >= 0.5, because: [barracks]}
  second: {says: "A second thesis, told in one line.", because: [money, words]}
  alone: {says: Nobody rests on this one., test: u > 0.5}
"""
CASE = loads(TEXT)


@pytest.fixture(scope="module")
def checked():
    return check(CASE, 64, workers=1)


def printed(check_result, width=100, **options) -> list[str]:
    console = Console(width=width, file=StringIO(), highlight=False)
    console.print(check_summary(CASE, check_result, **options))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_headline_comes_first(checked) -> None:
    lines = printed(checked)
    assert lines[0].startswith("The first thesis is open: “Peace lasts” is true in 38 %")
    said = " ".join(" ".join(lines[: lines.index("The argument")]).split())
    assert said == checked.headline


def test_argument_is_a_tree_of_the_first_thesis_and_a_line_for_the_others(checked) -> None:
    """Premises of premises' premises stand in a line with their shares."""
    lines = printed(checked)
    among = "true in 50 % of worlds where its premise is true, in 100 % of the others"
    first = lines.index("The argument") + 1
    assert lines[first : lines.index("", first)] == [
        "38 % ~ peace  Peace lasts.",
        "50 % ~   force  There is a force.",
        "75 % ✓     money  There is money.",
        "50 % ~     troops  There are troops.",
        "           because barracks 50%",
        "75 % ✓   words  Words carry.",
        "         false at the best estimates, true in most worlds",
        f"{' ' * 9}does not follow: {among}",
        "50 % ~     barracks  There are barracks.",
        "50 % ~ second  A second thesis, told in one line.",
        "       because money 75%, words 75%",
    ]


def test_claim_that_the_best_estimates_see_otherwise_says_so(checked) -> None:
    """At the best estimate of 0.4 words do not carry, in three worlds of four they do."""
    assert "         false at the best estimates, true in most worlds" in printed(checked)


def test_claims_outside_every_argument_come_last(checked) -> None:
    lines = printed(checked)
    assert lines[lines.index("The other claims") + 1] == "50 % ~ alone   Nobody rests on this one."
    assert lines.index("What decides it, and what turns it") < lines.index("The other claims")
    assert "turns if Luck of the day falls below 0.375" in " ".join(lines)


def test_a_case_without_an_argument_lists_its_claims(checked) -> None:
    plain = tuple(
        replace(claim, because=(), argument=None)
        for claim in checked.claim_checks
        if claim.id in ("money", "alone")
    )
    lines = printed(replace(checked, claim_checks=plain))
    assert lines[0] == "Of 2 claims 1 is true in most worlds and 1 is open."
    assert "The argument" not in lines
    first = lines.index("The claims") + 1
    assert lines[first] == "75 % ✓ money   There is money."
    assert first < lines.index("What decides it, and what turns it")


def test_no_line_is_wider_than_the_screen(checked) -> None:
    long = replace(checked.claim_checks[0], says="Peace lasts because " + "so it is " * 30)
    lines = printed(replace(checked, claim_checks=(long, *checked.claim_checks[1:])), width=80)
    assert max(map(len, lines)) <= 80
    assert sum("peace  Peace lasts because so" in line for line in lines) == 1


def test_numerics_are_a_line_and_what_is_not_fine_is_named(checked) -> None:
    assert "A line: numerics fine (64 worlds from seed 0)" in printed(checked)
    marked = replace(checked, failed_checks=("not checked with a longer tail: too large",))
    text = " ".join(printed(marked))
    assert "A line: marked: not checked with a longer tail: too large" in text
    assert text.count("too large") == 1, "said once, not in the line and below it"
    assert " ".join(printed(marked, warnings=False)).count("too large") == 1
    ran = replace(checked.run_stats, failed={3: "a chance above 1"}, with_branch_points=1)
    text = " ".join(printed(replace(checked, run_stats=ran)))
    assert "A line: marked: 1 world with branch points (64" in text
    assert text.count("1 world with branch points") == 1
    assert text.count("1 world failed") == 1, "and there with the reason"
    assert "1 world failed; world 3: a chance above 1" in text
    text = " ".join(printed(replace(checked, run_stats=replace(ran, with_branch_points=0))))
    assert "A line: marked, see below (64" in text


def test_shares_so_far_fill_a_table_with_the_theses_first(checked) -> None:
    screen = Console(file=StringIO(), width=80)
    screen.print(shares_so_far(checked, {}, 20))
    screen.print(shares_so_far(checked, {"second": 0.0, "peace": 0.5, "words": 0.004}, 4))
    lines = screen.file.getvalue().splitlines()
    assert [line.split()[:3] for line in lines[:3]] == [
        ["…", "✗", "peace"],
        ["…", "✗", "second"],
        ["…", "✓", "force"],
    ]
    assert lines[8].split() == ["50", "%", "✗", "peace", "█" * 10]
    assert lines[9].split() == ["0", "%", "✗", "second"]
    assert lines[-1].split() == ["and", "5", "more"]
    assert describe_shares(checked, {"words": 0.25, "second": 0.0}) == "second 0 %, words 25 %"


def test_without_worlds_marks_are_those_of_the_best_estimates() -> None:
    lines = printed(check(CASE, 0, flips=False, workers=1))
    assert " ".join(lines).startswith(
        "At the best estimates the first thesis is false: “Peace lasts”. Of its 2 premises “Words "
        "carry” is not true there."
    )
    assert "✓   force  There is a force." in [line.strip() for line in lines]
    assert not any("%" in line for line in lines)


def test_report_begins_with_the_headline_and_has_the_tree_with_links(checked) -> None:
    report = compute_report_data(CASE, 4, check_result=checked, workers=1)
    page = lxml.html.fromstring(render_report(report))
    paragraphs = [element.text_content() for element in page.xpath("//header/p[@class='verdict']")]
    assert " ".join(paragraphs) == checked.headline
    (tree,) = page.xpath("//section[@aria-labelledby='argument']/ul")
    assert [link.get("href") for link in tree.xpath("./li/a")] == ["#claim-peace", "#claim-second"]
    (peace, _) = tree.xpath("./li")
    assert [link.text for link in peace.xpath("./ul/li/a")] == [
        "There is a force.", "Words carry.",
    ]  # fmt: skip
    assert peace.xpath("./ul/li/ul/li/ul/li/a/@href") == ["#claim-barracks"]
    assert peace.xpath("./span/@aria-label") == ["open"]
    assert "false at the best estimates, true in most worlds" in peace.text_content()


def test_argument_told_twice_is_listed_once_whole() -> None:
    """A claim under two conclusions has its premises under the first."""
    case = loads(TEXT.replace("because: [force, words]", "because: [force, troops]"))
    (peace, second) = argument_nodes(check(case, 0, flips=False, workers=1))
    force, troops = peace.premises
    assert [node.claim.id for node in force.premises] == ["money", "troops"]
    assert [node.claim.id for node in force.premises[1].premises] == ["barracks"]
    assert (troops.claim.id, troops.premises) == ("troops", ())
    assert [node.claim.id for node in second.premises] == ["money", "words"]
