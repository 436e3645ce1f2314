"""`python -m verification.models_page`: write the page of models, with a figure of each.

The page is `docs/models.md`, its figures are in `docs/models`. Run it after a model has changed;
with names of models only their figures are drawn again, and with `--figures` the page is left as it
is. All of it takes some minutes.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ceasefire.case import Case, load
from ceasefire.ensemble import trace
from ceasefire.render.chart_theme import chart_svg
from ceasefire.render.charts import chart
from ceasefire.render.formatting import format_number
from verification.published_models import PublishedModel, published_models

DOCS = Path(__file__).parents[1] / "docs"
FIGURES = DOCS / "models"
PAGE = DOCS / "models.md"
HEAD = """# Models of the literature

Results about bargaining, signalling, deterrence, the end of wars and what enforces an agreement,
each as a case of ten to some forty lines: the number or inequality that is published, and what this
program gets. They are places to start from:

```console
$ ceasefire new --list
$ ceasefire new mine.yaml --from fearon-1995
```

Under *published* stands the formula or inequality of the source at the numbers of the case, which
are mostly ours. `make verify` computes every number below. Parties choose by logit with a high
precision, so that numbers come near those of theory without reaching them; where a tolerance is
above 0.001 the last column says what moves the number. Several models are reduced forms of what was
published, with two types for a continuum, say: each file says so in its `about`. A threshold is
where a test turns, found by [`trace`](trace.md), which draws the figures, too.
"""


def text_of_page(models: Sequence[PublishedModel]) -> str:
    """The page: a table of all models, then each with its numbers and its figure."""
    cases = {model.name: load(model.path) for model in models}
    lines = [HEAD, "| model | what it shows | source |", "| --- | --- | --- |"]
    lines += [
        f"| [{name}](#{name}) | {case.title} | {_first_source(case)} |"
        for name, case in cases.items()
    ]
    for model in models:
        lines += ["", *_section(model, cases[model.name])]
    return "\n".join(lines) + "\n"


def _first_source(case: Case) -> str:
    source = next(iter(case.sources.values()))
    return f"{source.author} {str(source.published)[:4]}"


def _section(model: PublishedModel, case: Case) -> Iterator[str]:
    yield f"## {model.name}"
    yield ""
    file = f"[file](../cases/models/{model.name}.yaml)"
    yield f"**{case.title}** ({file}). {_one_line(case.about or '')}"
    yield ""
    yield "| what | published | ours | tolerance |"
    yield "| --- | --- | --- | --- |"
    for number in model.numbers:
        ours, expected = format_number(number.ours(case)), format_number(number.expected)
        why = f" ({number.why})" if number.why else ""
        yield f"| {number.says} | {expected} | {ours} | {number.tolerance:g}{why} |"
    yield ""
    yield f"![{case.title}: {', '.join(model.figure['ask'])}](models/{model.name}.svg)"
    yield ""
    for claim in case.claims.values():
        yield f"* {claim.says}"
    yield ""
    for source in case.sources.values():
        yield f"{source.author}: *{source.title}* ({str(source.published)[:4]}); {source.origin}."
        yield ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def figure(model: PublishedModel) -> str:
    """The figure of a model as SVG."""
    case = load(model.path)
    shown = model.figure
    found = trace(
        case, *shown["ask"], over=shown["over"], points=shown.get("points"), grid=model.grid
    )
    return chart_svg(chart(case, found)) + "\n"


def write(names: Sequence[str], *, page: bool = True) -> None:
    """Write the page, if asked, and the figures of these models, or of all if none is named."""
    FIGURES.mkdir(exist_ok=True)
    models = published_models()
    for model in models:
        if not names or model.name in names:
            print(model.name, file=sys.stderr)
            (FIGURES / f"{model.name}.svg").write_text(figure(model), encoding="utf-8")
    if page:
        PAGE.write_text(text_of_page(models), encoding="utf-8")


if __name__ == "__main__":
    write([name for name in sys.argv[1:] if name != "--figures"], page="--figures" not in sys.argv)
