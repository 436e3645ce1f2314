"""How results look in a notebook: a heading, a table, and a note if the result is marked.

The packages that compute know nothing of this: `ceasefire` registers it with IPython.
"""

from html import escape

import polars as pl

from ceasefire.results import Result

MOST_NOTEBOOK_ROWS = 200
NOTEBOOK_DECIMALS = 4


def notebook_html(result: Result) -> str:
    """A result as HTML; text from the case is escaped.

    >>> from ceasefire.ensemble import TableValue, TableValues
    >>> from ceasefire.query import NumericalQuality
    >>> numerics = NumericalQuality(None, 0.0, None, 0.0, 1, 0)
    >>> values = (TableValue("talks", "north", None, 1.5),)
    >>> shown = notebook_html(TableValues("<b>.yaml", "month", values, numerics))
    >>> "&lt;b&gt;.yaml" in shown, "marked" in shown
    (True, True)
    """
    frame: pl.DataFrame = result.frame()
    numbers = pl.col(pl.Float64).round(NOTEBOOK_DECIMALS)
    with pl.Config(tbl_rows=MOST_NOTEBOOK_ROWS, fmt_str_lengths=200, tbl_hide_dataframe_shape=True):
        table = frame.with_columns(numbers)._repr_html_()
    title = f"{type(result).__name__}: {getattr(result, 'case', '')}"
    reasons = escape("; ".join(result.mark_reasons))
    note = f"<p>! The result is marked: {reasons}.</p>" if result.marked else ""
    return f"<p><b>{escape(title)}</b></p>{note}{table}"
