"""What workers answer for a page: the same as the commands, and ahead of being asked."""

import asyncio
import io
import re
import time
import zipfile
from pathlib import Path

import pytest

from ceasefire.case import digest
from ceasefire.cli.main import app
from ceasefire.ensemble import check, choose
from ceasefire.errors import CeasefireError
from ceasefire.query import QueryPlan, power
from ceasefire.render.chart_theme import chart_svg
from ceasefire.render.charts_parties import seating_chart
from ceasefire.render.tables_levers import choice_sentences
from ceasefire.settings import SolveSettings
from ceasefire.web import app as web_app
from ceasefire.web import coalition_tasks, html_fragments, worker_pool, worker_tasks
from ceasefire.web.case_folder import CaseFolder
from ceasefire.web.chart_fragments import (
    CHART_TITLES,
    ChartRequest,
    available_charts,
    render_chart_html,
)
from ceasefire.web.edited_case import EditedCase, describe_edits
from ceasefire.web.panel_levers import choice_html
from ceasefire.web.server_settings import ServerLimits
from ceasefire.web.server_state import ServerState
from ceasefire.web.worker_pool import WorkerPool
from ceasefire.web.worker_results import PartialShares, TaskProgress
from support.case_server import CASES


def draft(name="truce.yaml", **done):
    file = CASES / name
    return EditedCase(file.read_text(), str(file), str(CASES), **done)


def test_claims_are_streamed_and_equal_those_of_check(monkeypatch):
    monkeypatch.setattr(worker_tasks, "PARTIAL_RESULT_SECONDS", 0.0)
    said = []
    found = worker_tasks.best_estimates_task(said.append, draft(), SolveSettings(memory=1e9))
    parts = [one for one in said if isinstance(one, dict)]
    early = {name: line for part in parts for name, line in part.items()}
    assert len(early) == sum(map(len, parts)) == 3
    assert "talks_matter" not in early  # it needs two games
    right = {claim.id: claim for claim in check(draft().build_case(), 0, flips=False).claim_checks}
    assert set(found.claims) == set(right) == {*early, "talks_matter"}
    for name, line in found.claims.items():
        numbers = [figure.value for figure in line.claim.quantities]
        assert numbers == [figure.value for figure in right[name].quantities]
        assert name not in early or early[name].numeric_test == line.numeric_test
    assert [one.done for one in said if isinstance(one, TaskProgress)] == [1, 2, 3]


def test_what_a_reading_costs_does_not_depend_on_what_else_the_machine_does(monkeypatch):
    monkeypatch.setattr(worker_tasks, "PARTIAL_RESULT_SECONDS", 0.0)

    def send_message(_):
        time.sleep(1)

    found = worker_tasks.best_estimates_task(send_message, draft(), SolveSettings(memory=1e9))
    assert 0 < found.seconds < 1


def test_cases_are_answered_before_they_are_opened():
    pool = WorkerPool(1)
    desk = ServerState(CaseFolder(CASES, 10**6), ServerLimits(), pool, pool, pool, 1)
    asyncio.run(desk.precompute_claims())
    pool.close()
    assert desk.solver_loaded
    case, known = desk.validated_cases[draft()]
    assert known == digest(draft().build_case())
    assert desk.cached_results[known].claims.keys() == case.claims.keys()
    assert draft("rival.yaml") not in desk.validated_cases
    assert digest(draft("rival.yaml").build_case()) in desk.cached_results


def test_every_chart_can_be_drawn_and_those_without_a_table_are_not_offered():
    case = draft().build_case()
    assert available_charts(case) == CHART_TITLES
    for kind in CHART_TITLES:
        html = render_chart_html(
            case, ChartRequest(kind, "speech_reveals"), SolveSettings(memory=1e9), lambda *_: None
        )
        assert html.count("<figure") == (2 if kind == "paths" else 1)
        assert ' role="graphics' not in html
    assert set(available_charts(draft("hostile.yaml").build_case())) == {"paths", "flips"}


MORE = """
  wait: {says: "No <b>talks</b> for a while.", by: north, set: "closed={talks: 2}"}
alternatives:
  truce:
    weights: {dear: 0}
    options: {free: {}, dear: {tables: {talks: {deals: {truce: {cost: {north: 9}}}}}}}
"""


def with_levers():
    file = CASES / "truce.yaml"
    text = file.read_text().replace("\nclaims:", f"{MORE}\nclaims:")
    return EditedCase(text, str(file), str(CASES))


def test_levers_are_compared_as_by_choose_and_shown_as_text():
    case, said = with_levers().build_case(), []
    goal = next(iter(case.claims))
    found = worker_tasks.choose_task(said.append, with_levers(), SolveSettings(memory=1e9), goal, 4)
    right = choose(case, goal, worlds=4, workers=1)
    assert found.choose_result.as_json()["levers"] == right.as_json()["levers"]
    assert "<svg" in found.chart_html
    assert said
    html = choice_html(case, found.choose_result, found.chart_html)
    assert " ".join(choice_sentences(case, right)) in html
    assert "Doing nothing" in html
    assert "No &lt;b&gt;talks&lt;/b&gt; for a while." in html
    with pytest.raises(CeasefireError, match="neither a claim nor a question"):
        worker_tasks.choose_task(said.append, with_levers(), SolveSettings(memory=1e9), "no", 0)


def test_a_page_tells_how_claims_come_out_with_each_option():
    case = with_levers().build_case()
    found = check(case, 4, flips=False, workers=1)
    html = html_fragments.written_otherwise_html(case, found)
    assert "Which claims each option turns at the best estimates" in html
    assert "truce: dear" in html
    assert (
        html_fragments.written_otherwise_html(
            case, check(draft().build_case(), 0, flips=False, workers=1)
        )
        == ""
    )


def test_changes_are_described():
    changed = draft(fixed_unknowns=(("odds", 0.2),), disabled_tables=("talks",))
    assert describe_edits(changed) == (
        "odds is held at 0.200 (best as written: 0.100)",
        "the table talks does not exist",
    )
    assert describe_edits(draft()) == ()


def test_the_same_chart_is_the_same_text_twice():
    first, second = (chart_svg(seating_chart(draft().build_case())) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("worlds", [0, 2])
def test_a_report_tells_its_parts_and_no_path_of_the_server(worlds):
    said = []
    documents = worker_tasks.report_task(
        said.append, draft("told.yaml"), SolveSettings(memory=1e9), worlds, False
    )
    text = documents.page
    assert "before and after the events" in {one.part for one in said}
    assert str(CASES) not in text
    assert "as its author wrote it" not in text
    for document in (documents.brief, documents.slide, documents.pictures):
        with zipfile.ZipFile(io.BytesIO(document)) as parts:
            assert not any(str(CASES).encode() in parts.read(name) for name in parts.namelist())


def test_a_report_is_asked_from_the_day_on_which_the_page_stands():
    def first_page(**changes):
        documents = worker_tasks.report_task(
            lambda _: None, draft("told.yaml", **changes), SolveSettings(memory=1e9), 2, False
        )
        with zipfile.ZipFile(io.BytesIO(documents.brief)) as parts:
            brief = re.sub("<[^>]*>", "", parts.read("word/document.xml").decode())
        with zipfile.ZipFile(io.BytesIO(documents.slide)) as parts:
            slide = re.sub("<[^>]*>", "", parts.read("ppt/slides/slide1.xml").decode())
        return documents.page, brief, slide

    from_then, from_start, usual = first_page(today=2), first_page(today=0), first_page()
    for then, start, plain in zip(from_then, from_start, usual, strict=True):
        assert "Asked from Jul 2025 on: 2 of 3 months have gone by, with 1 event recorded" in then
        assert "Asked from the start, May 2025" in start
        assert "Asked from" not in plain
    page = from_then[0]
    assert "From Jul 2025 on" in page
    assert 'id="events"' in page
    assert 'id="events"' not in from_start[0]
    assert 'id="events"' in usual[0]


def test_a_report_of_a_later_day_needs_no_event():
    documents = worker_tasks.report_task(
        lambda _: None, draft(today=2), SolveSettings(memory=1e9), 0, False
    )
    said = "Asked from Jul 2025 on: 2 of 3 months have gone by, with nothing recorded."
    assert said in documents.page
    assert 'id="events"' in documents.page


def test_what_was_done_is_kept_when_memory_runs_out(monkeypatch):
    read, worlds = QueryPlan.evaluate_world, []

    def cramped(prepared, world=None, **how):
        if how.get("halvings", 0) > 0:
            raise MemoryError
        if world is not None:
            worlds.append(world)
            if len(worlds) > 3:
                raise MemoryError
        return read(prepared, world, **how)

    monkeypatch.setattr(QueryPlan, "evaluate_world", cramped)
    found = worker_tasks.check_task(
        lambda _: None, draft(), SolveSettings(memory=1e9), 8
    ).check_result
    assert found.run_stats is not None
    assert list(found.run_stats.failed) == [4, 5, 6, 7, 8]
    assert all(v.share is not None and v.share.worlds == 3 for v in found.claim_checks)
    assert found.failed_checks == ("with a finer grid: needs more memory than there is",)
    said = html_fragments.numerics_html(
        found.numerics, found.run_stats, failed_checks=found.failed_checks
    )
    assert "5 worlds failed; world 4: needs more memory than there is" in said
    assert "finer grid" in said
    assert "serve --memory" in said


def test_shares_say_what_is_computed_after_the_worlds():
    said = []
    worker_tasks.check_task(said.append, draft(), SolveSettings(memory=1e9), 4)
    parts = dict.fromkeys(one.part for one in said if isinstance(one, TaskProgress))
    assert list(parts)[:2] == ["", "what decides each claim"]
    assert any("another order" in part for part in parts)
    shares = [one.worlds for one in said if isinstance(one, PartialShares)]
    assert shares[-1] == 4
    first = next(n for n, one in enumerate(said) if getattr(one, "part", ""))
    assert not [one for one in said[first:] if isinstance(one, PartialShares)]


def test_serve_is_told_how_much_memory_a_page_may_use(monkeypatch):
    asked = []
    monkeypatch.setattr(web_app, "run_server", lambda settings, **_: asked.append(settings.limits))
    monkeypatch.setattr(worker_pool, "start_fork_server", lambda: None)
    app(["serve", str(CASES), "--memory", "6", "--no-open"], standalone_mode=False)
    assert [limits.process for limits in asked] == [6e9]
    assert asked[0].solve_settings.memory == 2e9


def test_stability_of_a_case_and_of_a_conflict_is_told_in_words():
    settings = SolveSettings(memory=1e9)
    found = coalition_tasks.case_stability_task(lambda _: None, draft(), settings)
    assert found.parties == ("North", "South")
    assert found.total == len(found.states)
    assert all("=" not in one.words for one in found.states)
    assert found.states[0].equilibrium >= found.states[-1].equilibrium
    text = Path("cases/fang-hipel/elmira.gmcr").read_text(encoding="utf-8")
    found = coalition_tasks.conflict_stability_task(lambda _: None, text, "elmira.gmcr", settings)
    best = [one for one in found.states if len(one.equilibrium) == len(found.concepts)]
    assert {one.number for one in best} == {5, 6, 7, 10, 11, 12}
    assert next(one for one in best if one.number == 7).leaving == ("MoE and Uniroyal",)
    assert "Uniroyal delays, Local Government insists" in {one.words for one in best}


def test_power_of_coalitions_is_that_of_the_command():
    settings = SolveSettings(memory=1e9)
    found = coalition_tasks.power_task(
        lambda _: None, draft(), settings, "eventually(not war)", None
    )
    assert found == power(draft().build_case(), "eventually(not war)", settings=settings)
