"""The notebook runs from top to bottom, and results in it show themselves as tables and charts."""

from pathlib import Path

import nbclient
import nbformat
import pytest

NOTEBOOK = Path(__file__).parents[1] / "docs" / "notebooks" / "op-ed.ipynb"


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_notebook_runs_and_shows_what_it_found():
    book = nbformat.read(NOTEBOOK, as_version=4)
    kept = [len(cell.outputs) for cell in book.cells if cell.cell_type == "code"]
    assert all(kept)
    nbclient.NotebookClient(book, timeout=300, kernel_name="python3").execute(
        cwd=str(NOTEBOOK.parent)
    )
    shown = [o for c in book.cells if c.cell_type == "code" for o in c.outputs if "data" in o]
    kinds = [kind for output in shown for kind in output["data"]]
    assert kinds.count("image/svg+xml") == 7
    assert any("<b>CheckResult: " in output["data"].get("text/html", "") for output in shown)
    assert not [o for c in book.cells for o in c.get("outputs", ()) if o.output_type == "error"]
