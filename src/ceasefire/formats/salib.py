"""How the unknowns of a case and a sample of worlds are written for SALib.

Source: Iwanaga, Usher & Herman (2022), Toward SALib 2.0, Socio-Environmental Systems
Modelling 4, 18155, doi:10.18174/sesmo.18155, for the fields of a problem.
"""

import json
import math
from collections.abc import Iterable, Mapping

from ceasefire.case import Case, Unknown
from ceasefire.formats.case_writer import ConvertedFile


def to_salib(case: Case, worlds: Iterable[Mapping[str, float]]) -> ConvertedFile:
    """Write the unknowns that vary as a problem, and worlds that were drawn as its sample.

    case    the case
    worlds  {unknown: value} of each world

    The file is JSON with `problem` and `sample`, whose rows are worlds and whose columns stand in
    the order of the problem's names.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... parties: {a: {}}
    ... unknowns: {rate: {triangle: [0, 1, 4]}, fixed: {best: 7}}
    ... state: {war: {}}
    ... payoffs: {a: {war: -rate * war * fixed}}
    ... ''')
    >>> exported = to_salib(case, [{"rate": 0.5, "fixed": 7}])
    >>> found = json.loads(exported.text)
    >>> found["problem"]["bounds"], found["problem"]["dists"], found["sample"]
    ([[0.0, 4.0, 0.25]], ['triang'], [[0.5]])
    >>> print(*exported.notes, sep="\\n")
    The unknowns and their worlds are in the file, not the case: answers are from a sweep.
    Fixed unknowns are not in the problem: fixed.
    """
    varying = {name: u for name, u in case.unknowns_of_codings.items() if _varies(u)}
    shapes = [_salib_distribution(unknown) for unknown in varying.values()]
    problem = {
        "num_vars": len(varying),
        "names": list(varying),
        "bounds": [bounds for _, bounds in shapes],
        "dists": [name for name, _ in shapes],
    }
    rows = [json.dumps([float(world[name]) for name in varying]) for world in worlds]
    sample = ",\n  ".join(rows)
    text = f'{{"problem": {json.dumps(problem)},\n "sample": [\n  {sample}]}}\n'
    return ConvertedFile(text, tuple(_salib_notes(case, varying)))


LARGEST_PEAK = math.nextafter(1.0, 0.0)  # SALib wants a triangle's peak below its upper end


def _varies(unknown: Unknown) -> bool:
    """Whether an unknown has more than one value."""
    return unknown.kind is not None and len({*unknown.parameters}) != 1


def _salib_distribution(unknown: Unknown) -> tuple[str, list[float]]:
    """SALib's name of a distribution and its numbers, as SALib wants them."""
    p = list(unknown.parameters)
    match unknown.kind:
        case "triangle":
            peak = (p[1] - p[0]) / (p[2] - p[0])
            return "triang", [p[0], p[2], min(peak, LARGEST_PEAK)]
        case "normal":
            return "norm", p
        case "lognormal":
            return "lognorm", [math.log(p[0]), math.log(p[1])]
        case "oneof":
            return "unif", [min(p), max(p)]
    return "unif", p


def _salib_notes(case: Case, varying: Mapping[str, Unknown]) -> Iterable[str]:
    yield "The unknowns and their worlds are in the file, not the case: answers are from a sweep."
    fixed = [name for name in case.unknowns if name not in varying]
    if fixed:
        yield f"Fixed unknowns are not in the problem: {', '.join(fixed)}."
    for name, unknown in varying.items():
        if unknown.kind == "oneof":
            values = ", ".join(f"{value:g}" for value in unknown.parameters)
            yield (
                f"{name} is one of {values}: SALib knows no such distribution and would draw it "
                "evenly between the least and the largest; the sample keeps to the values."
            )
        if unknown.kind == "experts":
            yield (
                f"{name} is what experts say: SALib has no such distribution and would draw it "
                "evenly between the ends; the sample keeps to the experts."
            )
    if case.alternatives:
        yield f"Which options worlds have is not in the file: {', '.join(case.alternatives)}."
    pairs = [(a, b, rho) for a, b, rho in case.together if a in varying and b in varying]
    if pairs:
        listed = ", ".join(f"{a} and {b} {rho:g}" for a, b, rho in pairs)
        yield (
            f"Rank correlations are in the sample, not in the problem ({listed}): what SALib draws "
            "itself is independent, and its methods for given samples assume that."
        )
