"""The claims: their shares of worlds, and what turns one of them."""

from typing import Any

import altair as alt

from ceasefire.case import Case
from ceasefire.show.drawing import BLUE, GREY, ORANGE, RED, SKY, Chart, from_worlds, look, values
from ceasefire.show.words import counted, number
from ceasefire.worlds import VERDICTS, Checked, Verdict

TINTS = (BLUE, SKY, GREY, ORANGE, RED)
FORMS = ("circle", "triangle-up", "diamond", "triangle-down", "square")
MOST = 12


def shares_chart(checked: Checked) -> Chart | None:
    """The share of worlds in which each claim holds, with its interval; None without worlds."""
    rows = [_share(v) for v in checked.verdicts if v.share is not None and v.share.worlds]
    if not rows or checked.ran is None:
        return None
    order = [row["claim"] for row in rows]
    y = alt.Y("claim:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, grid=True))
    scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format="%", values=[0.05, 1 / 3, 0.5, 2 / 3, 0.95], labelOverlap=False)
    x = alt.X("share:Q", scale=scale, title="share of worlds in which it holds", axis=axis)
    legend = alt.Legend(title=None, orient="bottom", symbolSize=90)
    colour = alt.Color(
        "verdict:N", scale=alt.Scale(domain=list(VERDICTS), range=list(TINTS)), legend=legend
    )
    shape = alt.Shape(
        "verdict:N", scale=alt.Scale(domain=list(VERDICTS), range=list(FORMS)), legend=legend
    )
    base = alt.Chart(values(rows))
    span = base.mark_rule(strokeWidth=3, opacity=0.6).encode(
        x=alt.X("low:Q", scale=scale), x2="high:Q", y=y, color=colour
    )
    point = base.mark_point(filled=True, size=95, opacity=1).encode(
        x=x, y=y, color=colour, shape=shape
    )
    noise = (
        base.transform_filter("datum.noise")
        .mark_text(text="rests on noise", align="left", fontSize=10.5, color="#444444")
        .encode(x=alt.value(410), y=y)
    )
    drawn = alt.layer(span, point, noise).properties(width=400, height=alt.Step(20))
    caption = [
        (
            "Bar: 95 % interval of the share. Lines stand where one verdict gives way to the next: "
            "5, 33, 67 and 95 %."
        ),
        from_worlds(checked.ran),
    ]
    return look(drawn, "Which claims hold", caption, 600)


def _share(verdict: Verdict) -> dict[str, Any]:
    share = verdict.share
    assert share is not None
    low, high = share.interval
    return {
        "claim": verdict.claim.id,
        "share": share.share,
        "low": low,
        "high": high,
        "verdict": share.verdict,
        "noise": bool(verdict.claim.noise),
    }


def flips_chart(case: Case, verdict: Verdict) -> Chart | None:
    """How far each unknown alone may move from best until a claim flips; None if none flips it."""
    if not verdict.flips:
        return None
    shown = verdict.flips[:MOST]
    rows = []
    for flip in shown:
        unit = case.unknowns[flip.unknown].unit
        sign = -1.0 if flip.at < flip.best else 1.0
        word = "below" if sign < 0 else "above"
        rows.append(
            {
                "unknown": flip.unknown,
                "move": sign * flip.move,
                "text": f"{word} {number(flip.at)}",
                "best": f"best {number(flip.best)}{f' {unit}' if unit else ''}",
            }
        )
    order = [flip.unknown for flip in shown]
    y = alt.Y("unknown:N", sort=order, title=None, axis=alt.Axis(labelLimit=200))
    x = alt.X(
        "move:Q",
        title="move from best, as a share of the unknown's range",
        scale=alt.Scale(domain=[-1, 1]),
        axis=alt.Axis(
            labelExpr="datum.value == 0 ? 'best' : format(datum.value, '+.0%')",
            values=[-1, -0.5, 0, 0.5, 1],
        ),
    )
    base = alt.Chart(values(rows))
    bars = base.mark_bar(height=12).encode(
        x=x, y=y, color=alt.condition("datum.move < 0", alt.value(ORANGE), alt.value(BLUE))
    )
    named = base.encode(x=x, y=y, text="text:N")
    right = named.transform_filter("datum.move >= 0").mark_text(align="left", dx=5, fontSize=10.5)
    left = named.transform_filter("datum.move < 0").mark_text(align="right", dx=-5, fontSize=10.5)
    zero = alt.Chart().mark_rule(color="black").encode(x=alt.datum(0))
    bests = base.mark_text(align="left", dx=6, fontSize=10.5, color="#444444").encode(
        x=alt.value(340), y=y, text="best:N"
    )
    drawn = alt.layer(bars, zero, left, right, bests).properties(width=340, height=alt.Step(22))
    truth = "true" if verdict.claim.best else "false"
    caption = [
        (
            f"At best the claim is {truth}. Each bar ends at the nearest value at which it is "
            f"{'false' if verdict.claim.best else 'true'}, all other unknowns at best. The shorter "
            "the bar, the more hangs on that number."
        ),
        "At the best estimates; no other worlds are drawn.",
    ]
    rest = len(verdict.flips) - len(shown)
    if rest:
        caption.append(f"{counted(rest, 'more unknown')} with longer bars left out.")
    return look(drawn, f"What turns {verdict.claim.id}", caption, 620)
