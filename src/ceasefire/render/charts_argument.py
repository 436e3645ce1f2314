"""The map of an argument: claims as boxes, in columns from the premises to the thesis.

Columns and the order in them follow Sugiyama, Tagawa & Toda (1981), Methods for visual
understanding of hierarchical system structures, IEEE Transactions on Systems, Man, and Cybernetics
11, 109-125: a claim stands left of all that rests on it, and a line that passes a column has a
place of its own there.
"""

import itertools
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

import altair as alt

from ceasefire.argument import UNTESTED, argument_steps, percent
from ceasefire.ensemble import VERDICTS, CheckResult, ClaimCheck
from ceasefire.render.chart_theme import (
    VERDICT_COLOURS,
    AltairChart,
    apply_chart_theme,
    describe_worlds,
    inline_data,
)
from ceasefire.render.check_summary import (
    describe_share,
    verdict_mark,
)
from ceasefire.results import format_count

BOX_WIDTH, GAP_BETWEEN_COLUMNS, GAP_BETWEEN_BOXES = 170, 40, 14  # four columns fit a page
LETTERS_IN_A_LINE = {"head": 24, "says": 27, "note": 29}
LINE_HEIGHT, BOX_PADDING, STRIPE_WIDTH, SIGN_WIDTH = 14, 8, 7, 15
LEAST_WIDTH = 440
ROOM_FOR_A_LINE = 10  # of a line that passes a column
THINNEST_LINE, THICKEST_LINE = 1.0, 5.0
ORDER_SWEEPS, PLACE_SWEEPS = 12, 40
CURVE_POINTS = 16
VERDICT_TINTS = dict(
    zip(VERDICTS, ("#dcebf5", "#e8f4fb", "#efefef", "#fcf1d9", "#f9e3d6"), strict=True)
)

Node = tuple[str, ...]  # a claim, or (conclusion, premise, column) where a line passes a column


def argument_map(check_result: CheckResult) -> AltairChart | None:
    """The argument as a picture, from the premises on the left to the thesis on the right.

    check_result  the check of a case

    A box has the share of worlds in which its claim is true, or without worlds whether it is true
    at the best estimates, in words and as a colour. A line is the thicker, the more often the
    conclusion is true where all its premises are. Returns None where no claim has premises.
    """
    claims = {claim.id: claim for claim in check_result.claim_checks}
    steps = argument_steps(check_result.premises)
    shown = {name: claims[name] for name in dict.fromkeys(step.claim for step in steps)}
    if not shown:
        return None
    boxes = {name: _box_lines(claim, shown) for name, claim in shown.items()}
    places = _place_boxes(shown, {name: _box_height(lines) for name, lines in boxes.items()})
    drawn = max(x for x, _, _ in places.corners.values()) + BOX_WIDTH
    width = max(drawn, LEAST_WIDTH)  # room for the lines below the title
    height = max(top + size for _, top, size in places.corners.values())
    layers = [
        *_line_layers(shown, places),
        *_box_layers(shown, boxes, places.corners),
    ]
    chart = alt.layer(
        *(
            layer.encode(
                x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, width], nice=False)),
                y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False)),
            )
            for layer in layers
        )
    ).properties(width=width, height=height)
    others = len(claims) - len(shown)
    return apply_chart_theme(
        chart, "The argument", list(_caption(check_result, shown, others)), round(width)
    )


def describe_argument_map(check_result: CheckResult) -> str:
    """The map in words, for those who do not see it.

    check_result  the check of a case
    """
    conclusions = sum(bool(claim.because) for claim in check_result.claim_checks)
    return (
        f"Map of the argument: {format_count(conclusions, 'conclusion')}, each with lines from its "
        "premises. The list of the argument says the same in words."
    )


def _caption(
    check_result: CheckResult, shown: Mapping[str, ClaimCheck], others: int
) -> Iterator[str]:
    if check_result.run_stats is None:
        yield (
            "Which claims are true at the best estimates. Lines lead from premises to the claim "
            "that rests on them."
        )
    else:
        yield (
            "In how many worlds each claim is true. Lines lead from premises to the claim that "
            "rests on them: the thicker, the more often it is true where all of them are; dashed "
            "where that cannot be told."
        )
    words = {word for claim in shown.values() for word in _roles(claim, shown)}
    if any(word.startswith("weakest") for word in words):
        yield "Weakest premise: without it the others would all be true in most worlds."
    if any(word.startswith("idle") for word in words):
        yield "Idle premise: where it alone fails, the conclusion is true no less often."
    left = f" {format_count(others, 'claim')} outside the argument left out." if others else ""
    yield f"{describe_worlds(check_result.run_stats)}{left}"


# ---------------------------------------------------------------------------------- what it says


@dataclass(frozen=True)
class _Line:
    """A line of text in a box: `head`, `says` or `note`."""

    kind: str
    text: str


def _box_lines(claim: ClaimCheck, shown: Mapping[str, ClaimCheck]) -> list[_Line]:
    notes = [*_roles(claim, shown), _reading(claim), _difference_at_best(claim)]
    parts = [
        ("head", _head(claim)),
        ("says", claim.sentence),
        *(("note", note) for note in notes if note),
    ]
    return [
        _Line(kind, line)
        for kind, text in parts
        for line in textwrap.wrap(text, LETTERS_IN_A_LINE[kind]) or [""]
    ]


def _head(claim: ClaimCheck) -> str:
    """Share and verdict; without worlds the truth at the best estimates."""
    if claim.share is None:
        return verdict_mark(claim).word
    share, verdict = describe_share(claim), claim.share.verdict
    return share if verdict is None else f"{share} · {verdict}"


def _roles(claim: ClaimCheck, shown: Mapping[str, ClaimCheck]) -> list[str]:
    """Whether it is the weakest premise of a conclusion, or an idle one."""
    conclusions = [one for one in shown.values() if claim.id in one.because]
    roles = []
    for role, named in (
        ("weakest premise", [c.id for c in conclusions if _is_weakest(claim, c)]),
        ("idle premise", [c.id for c in conclusions if c.argument and claim.id in c.argument.idle]),
    ):
        if named:
            roles.append(f"{role} of {', '.join(named)}" if len(conclusions) > 1 else role)
    return roles


def _is_weakest(claim: ClaimCheck, conclusion: ClaimCheck) -> bool:
    figures = conclusion.argument
    return figures is not None and figures.weakest == claim.id and len(conclusion.because) > 1


def _reading(claim: ClaimCheck) -> str:
    if claim.argument is None:
        return ""
    premises = "its premise is" if len(claim.because) == 1 else "its premises are"
    if claim.test_is_premises:
        return f"true where {premises}"
    share = claim.argument.follows.share
    if claim.argument.reading == UNTESTED or share is None:
        return claim.argument.reading
    return f"{claim.argument.reading}: true in {percent(share)} where {premises}"


def _difference_at_best(claim: ClaimCheck) -> str:
    if not claim.standing.differs_at_best:
        return ""
    return f"best estimates: {'true' if claim.best else 'false'}"


def _verdict_shown(claim: ClaimCheck) -> str:
    """Whose colours a claim has: those of its verdict; without worlds of a clear one."""
    if claim.share is None:
        return {True: "holds", False: "fails", None: "depends"}[claim.best]
    return claim.share.verdict or "depends"


def _box_height(lines: Sequence[_Line]) -> float:
    return LINE_HEIGHT * len(lines) + 2 * BOX_PADDING


# ---------------------------------------------------------------------------------- where it stands


@dataclass(frozen=True)
class _Places:
    """Where everything stands, in pixels from the top left.

    corners  by claim left, top and height of its box
    routes   by (premise, conclusion) the points that their line goes through
    """

    corners: dict[str, tuple[float, float, float]]
    routes: dict[tuple[str, str], list[tuple[float, float]]]


def _place_boxes(shown: Mapping[str, ClaimCheck], heights: Mapping[str, float]) -> _Places:
    depth: dict[str, int] = dict.fromkeys(shown, 0)
    conclusions = {
        name: [one.id for one in shown.values() if name in one.because] for name in shown
    }
    for name in TopologicalSorter(conclusions).static_order():
        depth[name] = 1 + max((depth[one] for one in conclusions[name]), default=-1)
    columns: list[list[Node]] = [[] for _ in range(max(depth.values()) + 1)]
    for name in shown:
        columns[depth[name]].append((name,))
    chains: dict[tuple[str, str], list[Node]] = {}
    links: list[tuple[Node, Node]] = []
    for conclusion in shown.values():
        for premise in conclusion.because:
            between = range(depth[conclusion.id] + 1, depth[premise])
            passing: list[Node] = [(conclusion.id, premise, str(column)) for column in between]
            for column, node in zip(between, passing, strict=True):
                columns[column].append(node)
            chain: list[Node] = [(conclusion.id,), *passing, (premise,)]
            chains[premise, conclusion.id] = chain
            links += list(itertools.pairwise(chain))
    size = {node: heights[node[0]] if len(node) == 1 else ROOM_FOR_A_LINE
            for column in columns for node in column}  # fmt: skip
    columns = _order_columns(columns, links)
    middle = _place_in_columns(columns, links, size)
    left = {node: (len(columns) - 1 - number) * (BOX_WIDTH + GAP_BETWEEN_COLUMNS)
            for number, column in enumerate(columns) for node in column}  # fmt: skip
    corners = {
        name: (float(left[name,]), middle[name,] - size[name,] / 2, size[name,]) for name in shown
    }
    routes = {}
    for (premise, conclusion_id), chain in chains.items():
        points = [(left[premise,] + float(BOX_WIDTH), middle[premise,])]
        for node in reversed(chain[1:-1]):
            points += [(left[node], middle[node]), (left[node] + BOX_WIDTH, middle[node])]
        routes[premise, conclusion_id] = [*points, (float(left[conclusion_id,]), 0.0)]
    _spread_arrivals(shown, corners, routes)
    return _Places(corners, routes)


def _spread_arrivals(
    shown: Mapping[str, ClaimCheck],
    corners: Mapping[str, tuple[float, float, float]],
    routes: dict[tuple[str, str], list[tuple[float, float]]],
) -> None:
    """Let the lines into a box end apart, from top to bottom as they come."""
    for name, claim in shown.items():
        coming = sorted(claim.because, key=lambda one: routes[one, name][-2][1])
        _, top, height = corners[name]
        step = min(THICKEST_LINE + 4.0, (height - 2 * BOX_PADDING) / max(1, len(coming)))
        for place, premise in enumerate(coming):
            offset = (place - (len(coming) - 1) / 2) * step
            x, _ = routes[premise, name][-1]
            routes[premise, name][-1] = (x, top + height / 2 + offset)


def _neighbours(links: Sequence[tuple[Node, Node]]) -> dict[Node, list[Node]]:
    found: dict[Node, list[Node]] = {}
    for one, other in links:
        found.setdefault(one, []).append(other)
        found.setdefault(other, []).append(one)
    return found


def _order_columns(
    columns: Sequence[list[Node]], links: Sequence[tuple[Node, Node]]
) -> list[list[Node]]:
    """Each column by the mean place of what its nodes are linked to, the fewest crossings kept."""
    beside = _neighbours(links)
    best = now = [list(column) for column in columns]
    fewest = _crossings(now, links)
    for sweep in range(ORDER_SWEEPS):
        now = [list(column) for column in now]
        order = range(1, len(now)) if sweep % 2 == 0 else range(len(now) - 2, -1, -1)
        for number in order:
            fixed = now[number - 1] if sweep % 2 == 0 else now[number + 1]
            place = {node: float(n) for n, node in enumerate(fixed)}
            own = {node: float(n) for n, node in enumerate(now[number])}

            def mean_place(
                node: Node, place: dict[Node, float] = place, own: dict[Node, float] = own
            ) -> float:
                seen = [place[other] for other in beside.get(node, ()) if other in place]
                return sum(seen) / len(seen) if seen else own[node]

            now[number].sort(key=mean_place)
        crossings = _crossings(now, links)
        if crossings < fewest:
            best, fewest = now, crossings
    return best


def _crossings(columns: Sequence[Sequence[Node]], links: Sequence[tuple[Node, Node]]) -> int:
    """How many pairs of lines cross between columns."""
    place = {node: (number, n) for number, column in enumerate(columns)
             for n, node in enumerate(column)}  # fmt: skip
    ends = [(*place[one], place[other][1]) for one, other in links]
    return sum(
        one[0] == other[0] and (one[1] - other[1]) * (one[2] - other[2]) < 0
        for n, one in enumerate(ends)
        for other in ends[:n]
    )


def _place_in_columns(
    columns: Sequence[Sequence[Node]],
    links: Sequence[tuple[Node, Node]],
    size: Mapping[Node, float],
) -> dict[Node, float]:
    """The height at which the middle of each node stands: near what it is linked to."""
    beside = _neighbours(links)
    middle: dict[Node, float] = {}
    for column in columns:
        middle |= _stack(column, size, dict.fromkeys(column, 0.0))
    for sweep in range(PLACE_SWEEPS):
        for column in columns if sweep % 2 else columns[::-1]:
            wanted = {}
            for node in column:
                near = [middle[other] for other in beside.get(node, ())]
                wanted[node] = sum(near) / len(near) if near else middle[node]
            middle |= _stack(column, size, wanted)
    top = min(middle[node] - size[node] / 2 for node in middle)
    return {node: place - top for node, place in middle.items()}


def _stack(
    column: Sequence[Node], size: Mapping[Node, float], wanted: Mapping[Node, float]
) -> dict[Node, float]:
    """Nodes below each other without overlap, in their order, as near as can be to where they want.

    Least squares under the order: blocks that would overlap share the mean of what they want.
    """
    offsets, total = [], 0.0
    for number, node in enumerate(column):
        if number:
            total += (size[column[number - 1]] + size[node]) / 2 + GAP_BETWEEN_BOXES
        offsets.append(total)
    blocks: list[tuple[float, int]] = []  # sum of wants, how many
    for node, offset in zip(column, offsets, strict=True):
        blocks.append((wanted[node] - offset, 1))
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            want, count = blocks.pop()
            blocks[-1] = (blocks[-1][0] + want, blocks[-1][1] + count)
    starts = [want / count for want, count in blocks for _ in range(count)]
    return {node: starts[n] + offsets[n] for n, node in enumerate(column)}


# ---------------------------------------------------------------------------------- how it is drawn


def _line_layers(shown: Mapping[str, ClaimCheck], places: _Places) -> list[alt.Chart]:
    rows: list[dict[str, Any]] = []
    heads: list[dict[str, Any]] = []
    for (premise, conclusion), route in places.routes.items():
        figures = shown[conclusion].argument
        share = None
        if figures is not None and shown[conclusion].test_is_premises:
            share = 1.0
        elif figures is not None and figures.follows.is_enough:
            share = figures.follows.share
        width = THINNEST_LINE + (THICKEST_LINE - THINNEST_LINE) * (share or 0.0)
        line = {
            "line": f"{premise} {conclusion}",
            "width": round(width, 2),
            "dash": "solid" if share is not None or figures is None else "dashed",
        }
        end_x, end_y = route[-1]
        points = _curve([*route[:-1], (end_x - 8.0, end_y)])
        rows += [{**line, "x": x, "y": y, "place": n} for n, (x, y) in enumerate(points)]
        heads.append({"x": end_x - 6.0, "y": end_y, "size": 36.0 + 12.0 * width})
    lines = (
        alt.Chart(inline_data(rows))
        .mark_line(color="#8a8a8a", strokeCap="butt", clip=False)
        .encode(
            detail="line:N",
            order="place:Q",
            strokeWidth=alt.StrokeWidth("width:N", scale=None, legend=None),
            strokeDash=alt.StrokeDash(
                "dash:N",
                scale=alt.Scale(domain=["solid", "dashed"], range=[[1, 0], [5, 4]]),
                legend=None,
            ),
        )
    )
    arrows = (
        alt.Chart(inline_data(heads))
        .mark_point(shape="triangle-right", filled=True, color="#8a8a8a", opacity=1)
        .encode(size=alt.Size("size:Q", scale=None, legend=None))
    )
    return [lines, arrows]


def _curve(route: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A smooth line through points: level at each, in the shape of an S between two."""
    points = [route[0]]
    for (x0, y0), (x1, y1) in itertools.pairwise(route):
        if y0 == y1:
            points.append((x1, y1))
            continue
        for n in range(1, CURVE_POINTS + 1):
            t = n / CURVE_POINTS
            points.append((x0 + (x1 - x0) * t, y0 + (y1 - y0) * t * t * (3.0 - 2.0 * t)))
    return [(round(x, 1), round(y, 1)) for x, y in points]


def _box_layers(
    shown: Mapping[str, ClaimCheck],
    boxes: Mapping[str, Sequence[_Line]],
    corners: Mapping[str, tuple[float, float, float]],
) -> Iterator[alt.Chart]:
    rects: list[dict[str, Any]] = []
    stripes: list[dict[str, Any]] = []
    texts: dict[str, list[dict[str, Any]]] = {"sign": [], "head": [], "says": [], "note": []}
    for name, (x, top, height) in corners.items():
        verdict = _verdict_shown(shown[name])
        colour = VERDICT_COLOURS[verdict]
        whole = {"x": x, "y": top, "x2": x + BOX_WIDTH, "y2": top + height}
        rects.append({**whole, "fill": VERDICT_TINTS[verdict], "stroke": colour})
        stripes.append({**whole, "x2": x + STRIPE_WIDTH, "fill": colour})
        left, middle = x + STRIPE_WIDTH + 6, top + BOX_PADDING + LINE_HEIGHT / 2
        # a text of its own: not every font has the sign, and the words shall keep theirs
        sign = verdict_mark(shown[name]).sign
        texts["sign"].append({"x": left, "y": middle, "text": sign})
        for number, line in enumerate(boxes[name]):
            place = {"x": left + SIGN_WIDTH * (line.kind == "head")}
            place["y"] = middle + LINE_HEIGHT * number
            texts[line.kind].append({**place, "text": line.text})
    for rows, stroke in ((rects, True), (stripes, False)):
        bar = alt.Chart(inline_data(rows)).mark_rect(strokeWidth=1.2 if stroke else 0.0)
        encoding: dict[str, Any] = {"fill": alt.Fill("fill:N", scale=None, legend=None)}
        if stroke:
            encoding["stroke"] = alt.Stroke("stroke:N", scale=None, legend=None)
        yield bar.encode(x2="x2:Q", y2="y2:Q", **encoding)
    styles: dict[str, dict[str, Any]] = {
        "sign": {"fontWeight": "bold", "fontSize": 13, "color": "#000000"},
        "head": {"fontWeight": "bold", "fontSize": 11.5, "color": "#000000"},
        "says": {"fontSize": 11, "color": "#000000"},
        "note": {"fontStyle": "italic", "fontSize": 10.5, "color": "#333333"},
    }
    for kind, rows in texts.items():
        text = alt.Chart(inline_data(rows)).mark_text(
            align="left", baseline="middle", **styles[kind]
        )
        yield text.encode(text="text:N")
