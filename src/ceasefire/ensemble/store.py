"""Results of a large run on disk: one folder for each thing that was asked, one file a batch.

    DIR/<digest>/case.yaml              the case with every default filled in
    DIR/<digest>/provenance.json        what was asked, with what, when and where
    DIR/<digest>/batch-000001.parquet   worlds 1 to B, a row each; then B + 1 to 2 B, ...

The digest is that of everything the numbers depend on, so results of different cases, questions,
seeds, versions or ways to draw worlds never meet. A file appears whole or not at all: it is written
under another name and then renamed. A batch that has only its first worlds is written anew when
more are asked.
"""

import hashlib
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

import fsspec
import polars as pl
from fsspec.implementations.local import LocalFileSystem

from ceasefire.case import Case
from ceasefire.ensemble.sampling import SAMPLING_METHOD, draw_worlds
from ceasefire.errors import CeasefireError, Problem, WorldError
from ceasefire.query import QueryPlan, Question, WorldResult
from ceasefire.query.comparisons import comparison_values, list_comparisons

CellValue = float | bool | str | None
EXPERT_COLUMN = "expert"


def alternative_column(name: str) -> str:
    """The column that says which option of an alternative a world has."""
    return f"alternative_{name}"


@dataclass(frozen=True)
class StoreColumns:
    """The columns of a store, in order: name, type, and where in a sheet its value is.

    world, the expert it was drawn from where the case has experts, alternative_NAME, unknown_NAME,
    claim_ID, every question and quantity by its text, margin_ID_1 and so on for the comparisons of
    each claim's test, then how the world went.
    """

    unknowns: tuple[str, ...]
    tests: tuple[tuple[str, int], ...]
    numbers: tuple[tuple[str, int], ...]
    quantities: tuple[tuple[str, tuple[int, int]], ...]
    margins: tuple[tuple[str, int], ...]
    questions: tuple[Question, ...]
    experts: bool = False
    alternatives: tuple[str, ...] = ()

    @classmethod
    def from_questions(
        cls, case: Case, claims: Sequence[str], questions: Sequence[Question]
    ) -> "StoreColumns":
        """The columns for the claims of a case and the questions behind them."""
        tests: list[tuple[str, int]] = []
        numbers: list[tuple[str, int]] = []
        quantities: dict[str, tuple[int, int]] = {}
        for n, question in enumerate(questions):
            if n < len(claims):
                tests.append((f"claim_{claims[n]}", n))
            else:
                (tests if question.is_test else numbers).append(
                    (collapse_whitespace(question.text), n)
                )
            for place, quantity in enumerate(question.quantities):
                quantities.setdefault(collapse_whitespace(quantity.text), (n, place))
        for name, _ in numbers:
            quantities.pop(name, None)
        margins = [
            (f"margin_{claim}_{place}", n)
            for n, claim in enumerate(claims)
            for place, _ in enumerate(list_comparisons(questions[n].expression), start=1)
        ]
        return cls(
            tuple(case.unknowns_of_codings),
            tuple(tests),
            tuple(numbers),
            tuple(quantities.items()),
            tuple(margins),
            tuple(questions),
            bool(case.experts),
            tuple(case.alternatives),
        )

    @property
    def schema(self) -> dict[str, type[pl.DataType]]:
        """Name and type of every column."""
        schema: dict[str, type[pl.DataType]] = {"world": pl.Int64}
        schema |= {EXPERT_COLUMN: pl.String} if self.experts else {}
        schema |= {alternative_column(name): pl.String for name in self.alternatives}
        schema |= {f"unknown_{name}": pl.Float64 for name in self.unknowns}
        schema |= {name: pl.Boolean for name, _ in self.tests}
        schema |= {name: pl.Float64 for name, _ in (*self.numbers, *self.quantities, *self.margins)}
        return schema | {"unresolved": pl.Int64, "branch_points": pl.Int64, "failed": pl.String}

    @property
    def answer_columns(self) -> list[str]:
        """The columns that a world's answers fill."""
        return list(self.schema)[1 + self.experts + len(self.alternatives) + len(self.unknowns) :]

    def row(self, result: WorldResult | None, failure: str | None) -> list[CellValue]:
        """What a sheet says, in this order; all null for a world that failed."""
        if result is None:
            lacking: list[CellValue] = [None] * (len(self.answer_columns) - 1)
            return [*lacking, failure]
        return [
            *(result.test_result(n) for _, n in self.tests),
            *(_as_float(result.values[n]) for _, n in self.numbers),
            *(result.quantity_values[n][place].value for _, (n, place) in self.quantities),
            *self._comparison_values(result),
            result.unresolved,
            result.branch_points,
            None,
        ]

    def _comparison_values(self, result: WorldResult) -> list[CellValue]:
        """Of every claim in turn, null where a number is missing."""
        found: list[CellValue] = []
        for n in dict.fromkeys(n for _, n in self.margins):
            numbers = [reading.value for reading in result.quantity_values[n]]
            values = comparison_values(self.questions[n].expression, numbers)
            found += [None if math.isnan(value) else value for value in values]
        return found


def collapse_whitespace(text: str) -> str:
    """A text on one line, as the name of a column."""
    return " ".join(text.split())


def _as_float(value: float | bool | None) -> float | None:
    return None if value is None else float(value)


def compute_rows(
    plan: QueryPlan, columns: StoreColumns, seed: int, span: tuple[int, int]
) -> pl.DataFrame:
    """Draw worlds and answer questions in them, one row for each world.

    plan     the questions, with the games they need
    columns  the columns of the store
    seed     seed of the worlds
    span     the number of the first world, and of the last
    """
    first, last = span
    drawn = draw_worlds(plan.case, last - first + 1, seed, after=first - 1)
    rows = []
    for number, world in zip(drawn.numbers, drawn, strict=True):
        result, why = None, None
        try:
            result = plan.evaluate_world(world)
        except CeasefireError as error:
            why = str(error)
        expert = [drawn.expert_of(number)] if columns.experts else []
        options = [option for _, option in drawn.coding_of(number)]
        rows.append([number, *expert, *options, *world.values(), *columns.row(result, why)])
    return pl.DataFrame(rows, schema=columns.schema, orient="row")


PARTIAL_SUFFIX, PROVENANCE_FILE, CASE_FILE = ".part", "provenance.json", "case.yaml"
MIN_SECONDS_PER_WORLD = 1e-9  # seconds: no world takes less
MAX_WRITE_ATTEMPTS = 5


def digest_facts(facts: Mapping[str, Any]) -> str:
    """Sixteen letters that differ whenever anything in `facts` does.

    >>> digest_facts({"seed": 0}) == digest_facts({"seed": 1})
    False
    """
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class ResultStore:
    """The results of one thing that was asked, in a folder of their own.

    Raises WorldError for a place that cannot be reached or written to, and for files in it that no
    sweep wrote there.

    >>> store = ResultStore("memory://doc", "0123456789abcdef")
    >>> store.create({"seed": 0, "batch": 2}, "title: Coins")
    >>> store.write_batch(1, pl.DataFrame({"world": [1, 2], "claim_quiet": [True, False]}))
    >>> store.worlds_by_batch(), store.batch_size
    ({1: 2}, 2)
    >>> frames = store.iter_batches(["world", "claim_quiet"], 1)
    >>> [frame["claim_quiet"].to_list() for frame in frames]
    [[True]]
    """

    def __init__(self, folder: str, digest: str) -> None:
        """Open the folder; `exists` says whether anything is there."""
        self.display_path = f"{folder.rstrip('/') or folder[:1] or '.'}/{digest}"
        try:
            self.filesystem, place = fsspec.core.url_to_fs(folder)
            self.path = f"{place.rstrip('/')}/{digest}"
            self.filesystem.makedirs(self.path, exist_ok=True)
            self._remove_partial_files()
        except (OSError, ValueError, ImportError) as error:
            raise WorldError([_unwritable_problem(folder, error)]) from None
        self.provenance: dict[str, Any] = {"digest": digest}
        self.exists = self.filesystem.exists(f"{self.path}/{PROVENANCE_FILE}")
        if self.exists:
            self.provenance = self._read_provenance()

    def create(self, provenance: Mapping[str, Any], case: str) -> None:
        """Begin it: the resolved case, and the facts, with `batch_size` the worlds of a file."""
        self.provenance |= {**provenance, "runs": []}
        self._write_atomically(CASE_FILE, case.encode())
        self._write_atomically(PROVENANCE_FILE, self._provenance_bytes())

    def refuse_other_worlds(self, facts: Mapping[str, Any]) -> None:
        """Refuse to begin beside a store of the same questions in worlds drawn in another way."""
        same = ("case", "questions", "seed", "grid")
        try:
            beside = self.filesystem.ls(str(PurePosixPath(self.path).parent), detail=False)
        except OSError:
            return
        for folder in sorted(beside):
            try:
                there = json.loads(self.filesystem.cat_file(f"{folder}/{PROVENANCE_FILE}"))
            except (OSError, ValueError, RecursionError):
                continue
            if not isinstance(there, dict) or any(there.get(k) != facts[k] for k in same):
                continue
            if there.get("sampling") != facts["sampling"]:
                name = PurePosixPath(folder).name
                place = f"{self.display_path.rpartition('/')[0]}/{name}"
                raise WorldError([_other_worlds_problem(place, there.get("sampling"))])

    def record_run(self, run: Mapping[str, Any]) -> None:
        """Add a run to the provenance."""
        self.provenance["runs"].append(dict(run))
        self._write_atomically(PROVENANCE_FILE, self._provenance_bytes())

    @property
    def batch_size(self) -> int:
        """How many worlds a file holds."""
        return int(self.provenance["batch"])

    def require_columns(self, names: Iterable[str]) -> None:
        """Refuse a provenance whose best estimates are of other columns than these."""
        if self.provenance["best"].keys() != set(names):
            raise WorldError([self._foreign_file_problem()])

    def worlds_by_batch(self) -> dict[int, int]:
        """How many worlds each batch holds: always its first ones."""
        held = {}
        for number in self._batch_numbers():
            worlds, before = (
                self._read_batch(number, ["world"])["world"],
                (number - 1) * self.batch_size,
            )
            if worlds.to_list() != list(range(before + 1, before + len(worlds) + 1)):
                raise WorldError([self._faulty_batch_problem(number, "these are not its worlds")])
            held[number] = len(worlds)
        return held

    def write_batch(self, batch_number: int, frame: pl.DataFrame) -> None:
        """Write a batch, or put the worlds that it lacks behind those that it holds."""
        if batch_number in self._batch_numbers():
            there = self._read_batch(batch_number)
            frame = pl.concat([there, frame.filter(pl.col("world") > there["world"].max())])
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        self._write_atomically(_batch_file_name(batch_number), buffer.getvalue())

    def iter_batches(self, columns: Sequence[str], worlds: int) -> Iterator[pl.DataFrame]:
        """These columns of worlds 1 to `worlds`, a batch at a time."""
        for number in self._batch_numbers():
            if (number - 1) * self.batch_size < worlds:
                yield self._read_batch(number, columns).filter(pl.col("world") <= worlds)

    def _read_provenance(self) -> dict[str, Any]:
        """The facts as they were written when it was begun."""
        place = f"{self.display_path}/{PROVENANCE_FILE}"
        try:
            facts = json.loads(self.filesystem.cat_file(f"{self.path}/{PROVENANCE_FILE}"))
        except OSError as error:
            help = "see who may read it, and try again"
            raise WorldError([Problem(f"cannot be read: {error}", place, help=help)]) from None
        except (ValueError, RecursionError):
            facts = None
        if not _is_valid_provenance(facts, self.provenance["digest"]):
            raise WorldError([self._foreign_file_problem()])
        return dict(facts)

    def _foreign_file_problem(self) -> Problem:
        place = f"{self.display_path}/{PROVENANCE_FILE}"
        help = "put back the file that was written, or delete the folder and sweep anew"
        return Problem("is not what a sweep wrote there", place, help=help)

    def _batch_numbers(self) -> list[int]:
        names = (PurePosixPath(name).name for name in self._list_files())
        found = ((name, _BATCH_FILE_PATTERN.fullmatch(name)) for name in names)
        numbers = ((name, int(match[1])) for name, match in found if match is not None)
        return sorted(number for name, number in numbers if _batch_file_name(number) == name)

    def _list_files(self) -> list[str]:
        self.filesystem.invalidate_cache(self.path)
        return [str(name) for name in self.filesystem.ls(self.path, detail=False)]

    def _read_batch(self, batch_number: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        path = f"{self.path}/{_batch_file_name(batch_number)}"
        wanted = None if columns is None else list(columns)
        try:
            return pl.read_parquet(io.BytesIO(self.filesystem.cat_file(path)), columns=wanted)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise WorldError([self._faulty_batch_problem(batch_number, str(error))]) from None

    def _faulty_batch_problem(self, batch_number: int, reason: str) -> Problem:
        help = "delete the file; the next sweep writes it anew"
        return Problem(
            f"is no batch of this store: {reason}",
            f"{self.display_path}/{_batch_file_name(batch_number)}",
            help=help,
        )

    def _provenance_bytes(self) -> bytes:
        return json.dumps(_to_json_values(self.provenance), indent=2, ensure_ascii=False).encode()

    def _write_atomically(self, name: str, data: bytes) -> None:
        """Let a file appear whole or not at all."""
        part, path = f"{self.path}/.{name}.{uuid4().hex}{PARTIAL_SUFFIX}", f"{self.path}/{name}"
        for left in reversed(range(MAX_WRITE_ATTEMPTS)):
            try:
                self.filesystem.pipe_file(part, data)
                if isinstance(self.filesystem, LocalFileSystem):
                    Path(part).replace(path)
                else:
                    self.filesystem.mv(part, path)
            except OSError as error:
                # another run may have tidied the part away before it had its name
                if left and isinstance(error, FileNotFoundError):
                    continue
                with suppress(OSError):
                    self.filesystem.rm_file(part)
                raise WorldError(
                    [_unwritable_problem(f"{self.display_path}/{name}", error)]
                ) from None
            else:
                return

    def _remove_partial_files(self) -> None:
        """Remove what a run left behind that was ended while it wrote."""
        for name in self._list_files():
            if name.endswith(PARTIAL_SUFFIX):
                with suppress(OSError):  # it is gone, or the store may only be read
                    self.filesystem.rm_file(name)


def _other_worlds_problem(place: str, sampling: Any) -> Problem:
    return Problem(
        "holds the same questions in worlds that were drawn in another way",
        place,
        found=str(sampling or "scrambled Sobol points, by an earlier version"),
        allowed=SAMPLING_METHOD,
        help="delete that folder, or sweep into another one with -o: the two cannot be mixed",
    )


def _is_valid_provenance(facts: Any, digest: str) -> bool:
    """Whether these are facts that a sweep of this wrote, as far as they are read again."""
    match facts:
        case {
            "digest": str(written),
            "batch": int(batch),
            "seconds_per_world": float(seconds),
            "best": dict(best),
            "runs": list(),
        }:
            words = [value for value in best.values() if isinstance(value, str)]
            numbers = all(isinstance(value, str | float | int | None) for value in best.values())
            sizes = batch is not True and batch > 0 and MIN_SECONDS_PER_WORLD < seconds < math.inf
            return written == digest and sizes and numbers and {*words} <= _NON_FINITE_WORDS
    return False


_NON_FINITE_WORDS = frozenset({"nan", "inf", "-inf"})


def _to_json_values(value: Any) -> Any:
    """As JSON can hold it: a number that is not finite becomes a word."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _to_json_values(item) for key, item in value.items()}
    return [_to_json_values(item) for item in value] if isinstance(value, list) else value


_BATCH_FILE_PATTERN = re.compile(r"batch-([0-9]{6,12})\.parquet")


def _batch_file_name(batch_number: int) -> str:
    return f"batch-{batch_number:06d}.parquet"


def _unwritable_problem(place: str, error: Exception) -> Problem:
    return Problem(
        f"cannot be written: {error}",
        place,
        allowed="a folder, or any place that fsspec knows, such as s3://bucket/folder",
        help="choose another with -o, or install what fsspec needs for it",
    )
