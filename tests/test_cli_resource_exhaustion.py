"""Files that are made to take for ever or to take everything: refused in time, and cheaply."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ceasefire.case import loads
from ceasefire.errors import CaseError

SMALL = """ceasefire: 1
horizon: 3
parties: {a: {}, b: {}}
state: {war: {start: true}}
moves: {go: {by: a, when: war, set: {war: false}}}
"""
ENDLESS = 30_000_000  # calls; see docs/reliability.md for the seconds that they take
PARTIES = ", ".join(f"party_{i}: {{}}" for i in range(1_500))


def listed(line: str, count: int) -> str:
    """A line so many times, each with its number."""
    return "".join(line.replace("#", str(i)) for i in range(count))


LAUGHS = "a: &a [x, x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(50))
BOMBS = {
    "laughs": LAUGHS,
    "aliases": "conditions:\n  a: &a '" + "x" * 9_000 + "'\n" + listed("  b#: *a\n", 3_000),
    "flow": "title: " + "[" * 100_000,
    "maps": "{a: " * 100_000,
    "blocks": "".join(" " * i + "a:\n" for i in range(1_300)),
    "dashes": "- " * 50_000,
    "tag": "!!python/object/apply:os.system ['true']\n",
    "scalar": SMALL + "title: '" + "x" * 10_000_000 + "'\n",
    "expression": SMALL + "conditions: {x: '" + "1+" * 480_000 + "1'}\n",
    "power": SMALL + "conditions: {x: 9**9**9, y: 2**(2**(2**(2**2)))}\n",
    "best": SMALL + "unknowns: {u: {best: 9**9**9, range: [0, 9**9**9]}}\n",
    "range": SMALL + "unknowns: {u: {best: 0, range: [-1e309, 1e309]}}\n",
    "integer": SMALL.replace("3", "9" * 900_000, 1),
    "hexadecimal": SMALL + "conditions: {x: 'min(0x" + "f" * 9_000 + ")'}\n",
    "values": SMALL.replace("{war:", "{force: {values: 0..999999999999, start: 0}, war:"),
    "horizon": SMALL.replace("horizon: 3", "horizon: 1000000000"),
    "claims": SMALL + "claims:\n" + listed("  c#: {test: P(always(war)) > 0.5}\n", 20_000),
    "date": SMALL + "start: '2025-" + "0" * 500_000 + "1'\n",
    "dates": SMALL + "start: '" + "1-" * 400_000 + "'\n",
    "names": SMALL.replace("{a: {}, b: {}}", "{" + PARTIES + "}")
    + "payoffs:\n" + listed("  pratyy_#: {war: war}\n", 1_500),
    "unknown names": SMALL + "conditions:\n" + listed("  c#: unknwon_#\n", 2_000)
    + "unknowns:\n" + listed("  unknown_#: {best: 1}\n", 2_000),
    "self": "extends: self.yaml\n",
    "circle": "extends: circle two.yaml\n",
    "circle two": "extends: circle.yaml\n",
    "chain 0": "extends: chain 1.yaml\n",
}  # fmt: skip
CHAIN = {f"chain {i}": f"extends: chain {i + 1}.yaml\n" for i in range(1, 104)}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What came of each bomb."""
    folder = tmp_path_factory.mktemp("bombs")
    for name, text in {**BOMBS, "small": SMALL}.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    for name, text in CHAIN.items():
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    (folder / "chain 0.yaml").write_text("extends: chain 1.yml\n", encoding="utf-8")
    for path in folder.glob("*.yml"):
        path.write_text(path.read_text().replace(".yaml", ".yml"), encoding="utf-8")
    command = [sys.executable, "-m", "support.lint_each_file", str(folder)]
    here = Path(__file__).parent
    made = subprocess.run(command, cwd=here, capture_output=True, text=True, check=True)
    return {one["name"]: one for one in map(json.loads, made.stdout.splitlines())}


def test_lint_accepts_the_small_case(found):
    assert found["small"]["status"] == 0, found["small"]["said"]


@pytest.mark.parametrize("name", BOMBS)
def test_it_is_refused_with_bounded_work_and_half_a_gigabyte(found, name):
    bomb = found[name]
    assert bomb["status"] == 2, bomb
    assert '"file"' in bomb["said"]
    assert '"help"' in bomb["said"]
    assert bomb["calls"] < ENDLESS, bomb["calls"]
    assert bomb["bytes"] < 500e6


def test_at_most_300_problems_are_reported():
    with pytest.raises(CaseError) as caught:
        loads(SMALL + "payoffs:\n" + listed("  x#: {war: war}\n", 1_000))
    assert len(caught.value.problems) == 301
    assert "the rest was not looked at" in str(caught.value.problems[-1])
