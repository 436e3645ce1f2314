"""Bytes, line ends, limits and bombs; every problem at once; warnings."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ceasefire.case import dump, load, loads
from ceasefire.errors import CaseError, CeasefireError, Problem

FOLDER = Path(__file__).parent / "cases"
SMALL = (FOLDER / "valid" / "small.yaml").read_text(encoding="utf-8")


def problems(text: str) -> tuple[Problem, ...]:
    """What is wrong with a text."""
    with pytest.raises(CaseError) as caught:
        loads(text, "war.yaml")
    return caught.value.problems


def one(text: str) -> Problem:
    """The only thing that is wrong with a text."""
    found = problems(text)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_encodings_and_line_ends_are_read(tmp_path: Path, end: str, mark: bytes) -> None:
    file = tmp_path / "war.yaml"
    file.write_bytes(mark + SMALL.replace("\n", end).encode())
    assert dump(load(file)).replace("war.yaml", "<text>") == dump(loads(SMALL))
    file.write_bytes(mark + (SMALL + "tail: x\n").replace("\n", end).encode())
    with pytest.raises(CaseError) as caught:
        load(file)
    assert [problem.line for problem in caught.value.problems] == [SMALL.count("\n") + 1]


@pytest.mark.parametrize(
    ("content", "line", "part"),
    [
        (b"ceasefire: 1\ntitle: M\xfcller\n", 2, "is not UTF-8"),
        ("ceasefire: 1\n".encode("utf-16"), 1, "is not UTF-8"),
        (b"ceasefire: 1\ntitle: a\x00b\n", 2, "is not YAML"),
        (b"ceasefire: 1\ntitle: a\x1bb\n", 2, "is not YAML"),
        (b"", 1, "file is empty"),
        (b"# nothing here\n", 1, "file is empty"),
        (b"---\n...\n", 1, "file is empty"),
        (b"x" * 10_000_001, None, "at most 10 MB"),
    ],
)
def test_undecodable_bytes_are_refused(
    tmp_path: Path, content: bytes, line: int | None, part: str
) -> None:
    file = tmp_path / "war.yaml"
    file.write_bytes(content)
    with pytest.raises(CaseError) as caught:
        load(file)
    with pytest.raises(CaseError) as again:
        loads(content, str(file))
    assert again.value.problems == caught.value.problems
    assert caught.value.problems[0].line == line
    assert part in str(caught.value.problems[0])


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path, Path("a\0b")):
        with pytest.raises(CaseError, match="cannot be read"):
            load(path)


def test_title_in_any_script() -> None:
    title = 'Ukraïne 和平 🕊 \u2028 \u0085 "quoted" \\ back: {x}, [y] # no'
    quoted = title.replace("\\", "\\\\").replace('"', '\\"')
    case = loads(f'{SMALL}title: "{quoted}"\n')
    assert loads(dump(case)).title == case.title
    assert "🕊" in case.title


BOMB = "a: &a [x, x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(50))
QUICK = {
    "bomb": BOMB,
    "scalar bomb": "conditions:\n  a: &a '" + "x" * 9_000 + "'\n"
    + "".join(f"  b{i}: *a\n" for i in range(3_000)),
    "nested lists": "title: " + "[" * 100_000,
    "nested maps": "{a: " * 100_000,
    "nested blocks": "".join(" " * i + "a:\n" for i in range(2_000)),
    "nested dashes": "- " * 50_000,
    "questions": "? " * 50_000,
    "anchors": "".join(f"&a{i} " for i in range(10_000)),
    "power": SMALL + "conditions: {x: 9**9**9, y: 10**10000, z: 2**(2**(2**(2**2)))}\n",
    "long number": SMALL.replace("horizon: 3", "horizon: " + "9" * 1_000_000),
    "long float": SMALL + "unknowns: {u: {best: 1" + "0" * 100_000 + ".5}}\n",
    "many keys": "".join(f"k{i}: 1\n" for i in range(5_000)),
    "circle": SMALL + "conditions:\n"
    + "".join(f"  c{i}: c{(i + 1) % 2_000}\n" for i in range(2_000)),
    "stairs": SMALL + "conditions:\n  c0: war\n"
    + "".join(f"  c{i + 1}: c{i} and (c{i} or c{i})\n" for i in range(2_000)),
    "wide": SMALL.replace("0..4", "0..999999999999"),
    "quotes": "title: '" + "''" * 200_000,
    "tabs": "\t" * 200_000,
}  # fmt: skip


@pytest.mark.parametrize("name", QUICK)
def test_pathological_files_are_refused(name: str) -> None:
    """Each ends, and long before the guard against tests that hang."""
    assert problems(QUICK[name])


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("scalar bomb", "aliases make the file too large"),
        ("stairs", "conditions are nested too deeply"),
        ("nested lists", "file is nested too deeply"),
        ("circle", "condition is defined by itself"),
        ("bomb", "aliases may stand for scalars only"),
    ],
)
def test_pathological_files_are_refused_with_their_reason(name: str, part: str) -> None:
    assert any(part in problem.message for problem in problems(QUICK[name]))


def test_all_problems_of_a_file_are_reported() -> None:
    text = """\
ceasefire: 1
horizon: 0
parties: {a: {patience: 2}, b: {presicion: 4}}
state:
  war: {start: maybe}
  force: {values: 0..4}
unknowns:
  u: {range: [2, 1]}
moves:
  go: {by: c, when: wart, set: {force: min(force, 4)}, cost: 1 +}
  run: {by: a, weight: 0}
tables:
  talks: {seats: [a], meets: 2}
claims:
  first: {test: P(war) >> , says: x}
  second:
    test: P(x, start={force: 3})
  third:
    test: P(y, start={force: 3})
order: [talk]
"""
    found = [(problem.line, problem.path) for problem in problems(text)]
    assert found == [
        (2, "horizon"),
        (3, "parties.a.patience"),
        (3, "parties.b.presicion"),
        (5, "state.war.start"),
        (6, "state.force"),
        (8, "unknowns.u.range"),
        (10, "moves.go.by"),
        (10, "moves.go.when"),
        (10, "moves.go.set.force"),
        (10, "moves.go.cost"),
        (11, "moves.run.weight"),
        (13, "tables.talks"),
        (13, "tables.talks.seats"),
        (13, "tables.talks.meets"),
        (15, "claims.first.test"),
        (17, ""),
        (19, ""),
        (20, "order[0]"),
    ]
    assert all(problem.file == "war.yaml" and problem.column for problem in problems(text))


def test_commas_in_flow_expressions_are_reported_separately() -> None:
    text = SMALL.replace("{by: a}", "{by: a, set: {force: min(force, 4), war: min(war, 4)}}")
    found = [(problem.path, problem.found) for problem in problems(text)]
    assert found == [
        ("moves.go.set.force", "min(force, 4)"),
        ("moves.go.set.war", "min(war, 4)"),
    ]


def test_a_faulty_definition_is_reported_once() -> None:
    text = SMALL.replace("0..4", "4..0") + "conditions: {x: forse > 1, y: x or force > 2}\n"
    assert [problem.path for problem in problems(text)] == ["state.force.values", "conditions.x"]


def test_problem_in_the_extended_file(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(SMALL + "conditions: {x: forse > 1}\n", encoding="utf-8")
    (tmp_path / "rival.yaml").write_text("extends: base.yaml\ntail: x\n", encoding="utf-8")
    with pytest.raises(CaseError) as caught:
        load(tmp_path / "rival.yaml")
    places = [(Path(problem.file or "").name, problem.line) for problem in caught.value.problems]
    assert places == [("rival.yaml", 2), ("base.yaml", SMALL.count("\n") + 1)]


def test_extends_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("\nextends: ./a.yaml\n", encoding="utf-8")
    with pytest.raises(CaseError) as caught:
        load(tmp_path / "a.yaml")
    (problem,) = caught.value.problems
    assert (Path(problem.file or "").name, problem.line) == ("b.yaml", 2)


def test_extends_chain_that_is_too_long_is_refused(tmp_path: Path) -> None:
    for i in range(103):
        text = f"extends: c{i + 1}.yaml\n"
        (tmp_path / f"c{i}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match="too many cases extend each other"):
        load(tmp_path / "c0.yaml")


def test_extends_of_odd_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_bytes(b"title: x\nabout: M\xfcller\n")
    with pytest.raises(CaseError) as caught:
        load(tmp_path / "a.yaml")
    (problem,) = caught.value.problems
    assert (Path(problem.file or "").name, problem.line, problem.column) == ("b.yaml", 2, 9)


def test_extends_of_a_broken_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n", encoding="utf-8")
    for content, line in (("title: {\n", 2), ("a: 1\na: 2\n", 2), ("", 1)):
        (tmp_path / "b.yaml").write_text(content, encoding="utf-8")
        with pytest.raises(CaseError) as caught:
            load(tmp_path / "a.yaml")
        places = [(Path(one.file or "").name, one.line) for one in caught.value.problems]
        assert ("b.yaml", line) in places


@pytest.mark.parametrize(
    ("more", "line", "part"),
    [
        ("unknowns: {u: {best: 1}}\n", 1, "unknown is not used"),
        ("order: [t, rain, b]\n", -2, "a has no step in `order`"),
        ("order: [t, rain, a: [pass]]\n", -2, "no step in `order` lists it"),
        ("order: [t, a]\n", -1, "chance is not in `order`"),
        ("order: [rain, a]\n", 0, "table is not in `order`"),
        ("promises: {p: {by: a, forbids: [go]}}\n", 1, "promise is never given"),
        ("promises: {p: {by: a, forbids: []}}\n", 1, "promise forbids nothing"),
    ],
)
def test_unusual_cases_load_with_warnings(more: str, line: int, part: str) -> None:
    case = loads(SMALL + more)
    assert any(part in str(warning) for warning in case.warnings)
    lines = {warning.line for warning in case.warnings if part in str(warning)}
    assert lines == {SMALL.count("\n") + line}


def test_a_promise_that_binds_a_party_without_a_seat_is_a_warning() -> None:
    text = """
ceasefire: 1
horizon: 1
parties: {a: {}, b: {}, c: {}}
state: {war: {}}
moves: {go: {by: c, set: {war: true}}}
promises: {p: {by: c, forbids: [go]}}
tables:
  t:
    seats: [a, b]
    deals:
      d: {promises: [p]}
"""
    (warning,) = loads(text).warnings
    assert (warning.line, warning.message) == (12, "p binds c, which has no seat at t")
    assert not loads(text.replace("[a, b]", "[a, b, c]")).warnings


def test_during_beyond_the_end_is_a_warning() -> None:
    text = SMALL.replace("go: {by: a}", "go: {by: a, during: [1, 3]}")
    assert "beyond the end of play, period 2" in str(loads(text).warnings[0])
    assert not loads(text + "tail: 1\n").warnings
    assert loads(text).moves["a.go"].during == (1, 3)


def test_sound_cases_load_without_warnings() -> None:
    assert not loads(SMALL).warnings


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=150)
@given(st.data())
def test_damaged_text_never_crashes_the_loader(data: st.DataObject) -> None:
    text = (FOLDER / "valid" / "everything.yaml").read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 30))
    piece = data.draw(st.text(alphabet="{}[]()<>:,-#*&!%@|'\"\n\t abc019?~=\u00e9", max_size=6))
    found: tuple[Problem, ...] = ()
    try:
        loads(text[:start] + piece + text[start + cut :])
    except CaseError as error:
        found = error.problems or (Problem(""),)
    assert all(problem.message and problem.file for problem in found)


def test_every_error_derives_from_ceasefire_error() -> None:
    error = CaseError([Problem("a"), Problem("b", "war.yaml", 3, 1, "x", "y", "z", "do")])
    assert isinstance(error, CeasefireError)
    assert str(error) == "a\nwar.yaml:3:1  x: b, found y; allowed: z; do"
    keys = ["file", "line", "column", "path", "found", "allowed", "help"]
    assert list(error.problems[1].as_json()) == keys


def test_a_finite_case_removes_the_tail_of_the_case_it_extends(tmp_path: Path) -> None:
    """The tail is at fault, in the file that has it; null removes it."""
    (tmp_path / "long.yaml").write_text(
        "{ceasefire: 1, horizon: 3, tail: 2, parties: {a: {}}, state: {war: {}}}", encoding="utf-8"
    )
    rival = tmp_path / "short.yaml"
    rival.write_text("{ceasefire: 1, extends: long.yaml, ending: final}", encoding="utf-8")
    with pytest.raises(CaseError, match="tail: null"):
        load(rival)
    rival.write_text("{ceasefire: 1, extends: long.yaml, ending: final, tail: null}")
    case = load(rival)
    assert (case.ending, case.tail) == ("final", 0)
    assert loads(dump(case)) == case
