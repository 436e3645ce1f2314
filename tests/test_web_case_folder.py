"""The folder of cases: nothing outside it is opened; what a page changes is the case changed."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ceasefire.case import load, loads
from ceasefire.ensemble import ask
from ceasefire.ensemble.coding_verdicts import medians_of_expert
from ceasefire.errors import CaseError, WebError
from ceasefire.web.case_folder import CaseFolder
from ceasefire.web.edited_case import EditedCase, describe_edits, extension_document
from support.case_server import CASES

CASE = "{ceasefire: 1, horizon: 1, parties: {a: {}}, state: {war: {start: true}}}"


@pytest.fixture
def shelf(tmp_path):
    folder = tmp_path / "cases"
    (folder / "more").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    for name in ("one.yaml", "more/two.yml", ".hidden/three.yaml", "notes.txt"):
        (folder / name).write_text(CASE)
    (tmp_path / "secret.yaml").write_text("secret: forty-two")
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "large.yaml").write_text("#" * 2000)
    return CaseFolder(folder.resolve(), 1000)


def test_the_cases_below_the_folder_are_listed(shelf):
    assert shelf.names() == ["large.yaml", "more/two.yml", "one.yaml"]
    assert shelf.read("more/two.yml") == CASE


@pytest.mark.parametrize(
    "name",
    [
        "../secret.yaml", "more/../../secret.yaml", "link.yaml", "/etc/passwd", "notes.txt",
        "none.yaml", "", ".", "one.yaml\0.yaml", "large.yaml", "more", "a" * 5000 + ".yaml",
    ],
)  # fmt: skip
def test_only_listed_cases_are_read(shelf, name):
    with pytest.raises(WebError) as caught:
        shelf.read(name)
    assert "secret" not in str(caught.value) or name.endswith("secret.yaml")


def test_no_absolute_path_is_read(shelf):
    with pytest.raises(WebError):
        shelf.read(str(shelf.folder.parent / "secret.yaml"))


def test_a_case_that_extends_one_outside_the_folder_is_refused_unread(shelf):
    for path in ("../secret.yaml", str(shelf.folder.parent / "secret.yaml"), "link.yaml"):
        draft = EditedCase(f"extends: {path}", str(shelf.folder / "one.yaml"), str(shelf.folder))
        with pytest.raises(CaseError) as caught:
            draft.build_case()
        (problem,) = caught.value.problems
        assert problem.message == "leads out of the folder of cases"
        assert (problem.path, problem.line) == ("extends", 1)
        assert "forty-two" not in str(problem)


def test_a_case_that_extends_one_in_the_folder_is_read(shelf):
    draft = EditedCase("extends: more/two.yml", str(shelf.folder / "one.yaml"), str(shelf.folder))
    assert draft.build_case().horizon == 1


@pytest.fixture
def draft():
    text = (CASES / "truce.yaml").read_text()
    return EditedCase(text, str(CASES / "truce.yaml"), str(CASES))


def values(case, *texts):
    return [answer.best for answer in ask(case, *texts, certify=False, grid=9).answers]


def test_switched_off_table_is_removed(draft):
    case, off = draft.build_case(), replace(draft, disabled_tables=("talks",)).build_case()
    texts = ("P(eventually(peace))", "value(north)", "P(eventually(happens(talks.truce)))")
    without = [text[:-1] + ", without=talks)" for text in texts]
    assert values(off, *texts) == pytest.approx(values(case, *without), abs=1e-12)
    assert values(off, *texts[:2]) != pytest.approx(values(case, *texts[:2]), abs=0.01)


def test_an_unknown_that_is_held_has_that_value_in_every_world(draft):
    case, held = draft.build_case(), replace(draft, fixed_unknowns=(("odds", 0.25),)).build_case()
    text = "P(eventually(peace), without=talks)"
    given = text[:-1] + ", given={odds: 0.25})"
    assert values(held, text) == pytest.approx(values(case, given), abs=1e-12)
    assert held.unknowns["odds"].kind is None


def test_changes_are_saved_as_an_extending_case(draft, tmp_path):
    (tmp_path / "truce.yaml").write_text(draft.text)
    changed = replace(
        draft, fixed_unknowns=(("odds", 0.25), ("anger", 4.0)), disabled_tables=("talks",)
    )
    again, meant = saved(tmp_path, draft.build_case(), changed, "truce.yaml"), changed.build_case()
    assert dict(again.unknowns) == dict(meant.unknowns)
    assert again.tables["talks"].when.text == meant.tables["talks"].when.text == "false"
    text = "P(eventually(peace))"
    assert values(again, text) == values(meant, text)


@pytest.mark.parametrize("also", ["", "is: quantiles, ", "is: range, least: 0, "])
def test_numbers_of_experts_are_held_in_what_is_saved(also, tmp_path):
    """Whatever the file says of how they are to be read, which goes with experts only."""
    case_text = JUDGED.format(also=also)
    (tmp_path / "base.yaml").write_text(case_text)
    edited = EditedCase(case_text, str(tmp_path / "base.yaml"), str(tmp_path), (("view", 0.15),))
    again = saved(tmp_path, edited.without_fixed_unknowns.build_case(), edited, "base.yaml")
    assert again.unknowns == edited.build_case().unknowns


def test_an_unknown_that_is_held_is_so_for_every_expert():
    file = CASES / "rivals.yaml"
    edited = EditedCase(file.read_text(), str(file), str(CASES), (("odds", 0.25),))
    assert medians_of_expert(edited.build_case(), "desk_a")["odds"] == 0.25
    written = replace(edited, fixed_unknowns=()).build_case()
    assert medians_of_expert(written, "desk_a")["odds"] == 0.1


def saved(folder, case, edited, base):
    """What a page would save, read again."""
    stream = io.StringIO()
    YAML(typ="safe", pure=True).dump({"extends": base, **extension_document(case, edited)}, stream)
    (folder / "changed.yaml").write_text(stream.getvalue())
    return load(folder / "changed.yaml")


JUDGED = """
ceasefire: 1
horizon: 1
parties: {{a: {{}}}}
state: {{war: {{start: true}}}}
unknowns: {{view: {{{also}experts: {{desk: [0.1, 0.2, 0.3]}}}}}}
experts: {{desk: {{}}}}
"""
RIVALS = """
ceasefire: 1
horizon: 2
parties: {north: {}, south: {}}
state: {war: {start: true}, calm: {}}
unknowns:
  cost: {best: 1, range: [0, 2]}
  zeal: {best: 1, normal: [1, 0.2]}
  view: {is: range, least: 0, experts: {desk: [0.1, 0.2, 0.3]}}
experts: {desk: {}}
together: [[cost, zeal, 0.5]]
payoffs: {north: {war: -cost * war}, south: {war: "-(zeal + view) * war"}}
moves: {rest: {by: north, set: {calm: true}}}
tables:
  talks: {seats: [north, south], deals: {truce: {when: war, set: {war: false}}}}
alternatives:
  dear:
    options:
      no: {}
      yes:
        unknowns: {cost: {best: 3, triangle: [1, 3, 5]}, late: {best: 1, range: [0, 1]}}
        payoffs: {north: {late: late * calm}}
  meeting:
    weights: {rarely: 0}
    options:
      often: {}
      rarely: {tables: {talks: {meets: 0.5}}, unknowns: {zeal: {best: 2}}}
claims:
  ends: {says: It ends if dear., test: "P(eventually(not war), coding={dear: yes}) > 0.1"}
"""


@pytest.mark.parametrize("options", [(), (("dear", "yes"),), (("meeting", "rarely"),)])
@pytest.mark.parametrize("held", [(), (("cost", 0.5), ("zeal", 2.0), ("view", 0.15))])
@pytest.mark.parametrize("off", [(), ("talks",)])
def test_what_was_changed_is_saved_in_every_option(options, held, off, tmp_path):
    """Options that say otherwise too; claims may still name the options."""
    (tmp_path / "base.yaml").write_text(RIVALS)
    edited = EditedCase(
        RIVALS, str(tmp_path / "base.yaml"), str(tmp_path), held, off, chosen_options=options
    )
    if options and held:
        edited = replace(edited, fixed_unknowns=(*held, ("late", 0.25)))
    meant = edited.build_case()
    again = saved(tmp_path, loads(RIVALS), edited, "base.yaml")
    assert again.chosen == meant.chosen
    assert again.drawn_options == meant.drawn_options
    for options in ({"dear": d, "meeting": m} for d in ("no", "yes") for m in ("often", "rarely")):
        one, other = again.coding(options), meant.coding(options)
        assert (one.unknowns, one.together) == (other.unknowns, other.together)
        assert one.tables["talks"].when.text == other.tables["talks"].when.text
        assert one.tables["talks"].meets == other.tables["talks"].meets


def test_a_chosen_option_is_the_case_at_best_and_in_worlds_and_is_saved(tmp_path):
    file = CASES / "rivals.yaml"
    edited = EditedCase(file.read_text(), str(file), str(CASES))
    case = edited.build_case()
    never = replace(edited, chosen_options=(("guards", "never"),), fixed_unknowns=(("anger", 4.0),))
    text = "P(eventually(happens(south.guard)))"
    assert values(case, text)[0] > 0.1
    assert values(never.build_case(), text) == [0.0]
    assert never.build_case().drawn_options == {}
    assert describe_edits(never) == (
        "written otherwise: May South post guards? never",
        "anger is held at 4 (best as written: 2)",
    )
    gone = replace(edited, chosen_options=(("guards", "nonsense"), ("other", "never")))
    assert gone.build_case() == case
    for name in ("truce.yaml", "rivals.yaml"):
        (tmp_path / name).write_text((CASES / name).read_text())
    again = saved(tmp_path, case, never, "rivals.yaml")
    assert values(again, text, "value(north)") == values(never.build_case(), text, "value(north)")
    assert again.alternatives == never.build_case().alternatives


def test_without_a_folder_given_a_case_may_extend_any(tmp_path):
    (tmp_path / "base.yaml").write_text(CASE)
    below = tmp_path / "below"
    below.mkdir()
    assert loads("extends: ../base.yaml", str(below / "case.yaml")).horizon == 1
    assert Path(below).is_dir()


def test_a_case_is_saved_where_that_is_allowed(shelf):
    shelf = replace(shelf, writable=True)
    shelf.save("new-case.yaml", "one: 1", None)
    assert shelf.read("new-case.yaml") == "one: 1"
    shelf.save("new-case.yaml", "one: 2", "one: 1")
    assert shelf.read("new-case.yaml") == "one: 2"
    shelf.save("more/two.yml", "two: 2", CASE)
    assert shelf.read("more/two.yml") == "two: 2"


@pytest.mark.parametrize(
    ("name", "before", "said"),
    [
        ("one.yaml", None, "there already"),
        ("link.yaml", None, "there already"),
        ("one.yaml", "what it never said", "changed the file since"),
        ("../out.yaml", None, "no name for a case"),
        ("more/new.yaml", None, "no name for a case"),
        (".hidden.yaml", None, "no name for a case"),
        ("../secret.yaml", "secret: forty-two", "no such case"),
        ("link.yaml", "secret: forty-two", "no such case"),
        ("none.yaml", "anything", "no such case"),
    ],
)
def test_nothing_else_is_written(shelf, name, before, said):
    shelf = replace(shelf, writable=True)
    with pytest.raises(WebError, match=said):
        shelf.save(name, "changed: true", before)
    assert (shelf.folder.parent / "secret.yaml").read_text() == "secret: forty-two"
    assert (shelf.folder / "one.yaml").read_text() == CASE
    assert not (shelf.folder.parent / "out.yaml").exists()


def test_nothing_is_saved_unless_the_server_was_told(shelf):
    with pytest.raises(WebError, match="may not save"):
        shelf.save("new-case.yaml", "one: 1", None)
    large = replace(shelf, writable=True)
    with pytest.raises(WebError, match="too large"):
        large.save("new-case.yaml", "#" * 2000, None)
    assert not (shelf.folder / "new-case.yaml").exists()
