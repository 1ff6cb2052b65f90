"""Download the vendor's daily DBN files into the raw store.

One file per product root, schema and UTC day, named as the vendor names its own daily files.
An existing file is never requested again and never replaced.
"""

from __future__ import annotations

import datetime as dt
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import databento
from databento.common.error import BentoError, BentoHttpError, BentoWarning
from spymaster_ingest.dbn.reader import DbnFile
from spymaster_ingest.durable import put_in_place
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.products import outright_root

KEY_VARIABLE = "DATABENTO_API_KEY"
PRODUCT_TYPE = "future"

_ONE_DAY = dt.timedelta(days=1)
_UNPROCESSABLE = 422
_REMEDIES = {
    401: f"check the key in {KEY_VARIABLE}",
    402: "check billing in the vendor's portal",
    403: "check the account's entitlement in the vendor's portal",
    _UNPROCESSABLE: "check symbols, schema and dates",
    429: "too many requests: try again later",
}
_SERVER_REMEDY = "the vendor's server failed: try again later"


@dataclass(frozen=True)
class Instruments:
    """The instruments requested of one product root.

    Attributes:
        root: product root, such as ES.
        symbols: raw symbols (ESZ5), or the one parent symbol (ES.FUT).
        symbol_type: the vendor's ``stype_in``, ``raw_symbol`` or ``parent``.
    """

    root: str
    symbols: tuple[str, ...]
    symbol_type: str


@dataclass(frozen=True)
class RawFile:
    """One file of the raw store: its content and its path, downloaded or not."""

    instruments: Instruments
    schema: str
    day: dt.date
    path: Path


@dataclass
class FetchPlan:
    """The files of a request, by whether they are in the raw store already."""

    missing: list[RawFile] = field(default_factory=list)
    present: list[RawFile] = field(default_factory=list)


@dataclass
class CostEstimate:
    """The vendor's estimate for the missing files of one schema: uncompressed bytes, and USD."""

    schema: str
    files: int = 0
    size_bytes: int = 0
    cost_usd: float = 0.0


@dataclass(frozen=True)
class Downloaded:
    """Outcome of one download: size of the file, 0 when the vendor had no record for it."""

    file: RawFile
    size_bytes: int
    notes: tuple[str, ...]


def connect_to_vendor() -> databento.Historical:
    """Return the vendor's client with the key from the environment.

    Raises:
        SpymasterError: there is no key.
    """
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key:
        raise SpymasterError(
            KEY_VARIABLE,
            "is not set",
            f"`export {KEY_VARIABLE}=...`, or land files you already have with `spymaster land`",
        )
    with vendor_errors("databento"):
        return databento.Historical(key)


def choose_instruments(
    symbols: Sequence[str], roots: Sequence[str], known_roots: Sequence[str]
) -> list[Instruments]:
    """Group raw symbols by product root, and name the parent symbol of whole roots.

    Raises:
        SpymasterError: nothing chosen, a symbol that is no outright future, a root that is not in
            seed ``instruments``, or a root requested both as a whole and by symbol.
    """
    by_root: dict[str, list[str]] = {}
    for symbol in dict.fromkeys(symbols):
        root = outright_root(symbol)
        if root is None:
            raise SpymasterError(symbol, "is not the symbol of an outright future such as ESZ5")
        by_root.setdefault(root, []).append(symbol)
    if not by_root and not roots:
        raise SpymasterError("fetch", "nothing to fetch", "pass --symbol ESZ5 or --root ES")
    for root in [*by_root, *roots]:
        if root not in known_roots:
            raise SpymasterError(
                root, "is not a known product root", f"known are {', '.join(known_roots)}"
            )
    for root in roots:
        if root in by_root:
            raise SpymasterError(root, "is requested by --root and by --symbol", "pass one of them")
    chosen = [
        Instruments(root, tuple(sorted(names)), "raw_symbol") for root, names in by_root.items()
    ]
    chosen += [Instruments(root, (f"{root}.FUT",), "parent") for root in dict.fromkeys(roots)]
    return chosen


def plan_files(
    lake: Lake,
    dataset: str,
    chosen: Sequence[Instruments],
    schemas: Sequence[str],
    start: dt.date,
    end: dt.date,
) -> FetchPlan:
    """Return the files of all days from ``start`` to ``end``, both included.

    Raises:
        SpymasterError: ``end`` before ``start``, or an existing file that lacks some of the
            symbols.
    """
    if end < start:
        raise SpymasterError(f"--end {end}", f"is before --start {start}")
    prefix = dataset.lower().replace(".", "-")
    plan = FetchPlan()
    for instruments in chosen:
        for schema in dict.fromkeys(schemas):
            folder = lake.raw_table(PRODUCT_TYPE, instruments.root, schema)
            for number in range((end - start).days + 1):
                day = start + number * _ONE_DAY
                path = folder / f"{prefix}-{day:%Y%m%d}.{schema}.dbn.zst"
                file = RawFile(instruments, schema, day, path)
                if path.exists():
                    _check_symbols(file)
                    plan.present.append(file)
                else:
                    plan.missing.append(file)
    return plan


def estimate_cost(
    client: databento.Historical, dataset: str, files: Sequence[RawFile]
) -> list[CostEstimate]:
    """Ask the vendor what ``files`` cost: one row per schema, one request per run of days."""
    found: dict[str, CostEstimate] = {}
    for run in _runs_of_days(files):
        first = run[0]
        question: dict[str, Any] = {
            "dataset": dataset,
            "start": first.day.isoformat(),
            "end": (run[-1].day + _ONE_DAY).isoformat(),
            "symbols": list(first.instruments.symbols),
            "schema": first.schema,
            "stype_in": first.instruments.symbol_type,
        }
        row = found.setdefault(first.schema, CostEstimate(first.schema))
        with vendor_errors(f"estimate of {first.schema} from {first.day}"):
            row.cost_usd += client.metadata.get_cost(**question)
            row.size_bytes += client.metadata.get_billable_size(**question)
        row.files += len(run)
    return list(found.values())


def download_all(
    client: databento.Historical, dataset: str, files: Sequence[RawFile]
) -> Iterator[Downloaded | SpymasterError]:
    """Download the files in order; yield the outcome of each.

    A day that the vendor cannot serve (HTTP 422, no such symbol on that day) is yielded as an
    error and the download goes on; any other failure ends it.

    Raises:
        SpymasterError: the vendor refused or could not be reached, or sent a damaged file.
    """
    for file in files:
        try:
            yield download(client, dataset, file)
        except SpymasterError as error:
            cause = error.__cause__
            if not isinstance(cause, BentoHttpError) or cause.http_status != _UNPROCESSABLE:
                raise
            yield error


def download(client: databento.Historical, dataset: str, file: RawFile) -> Downloaded:
    """Download one day under a temporary name, check it and put it in place.

    Raises:
        SpymasterError: the vendor refused or could not be reached, or sent a damaged file.
    """
    file.path.parent.mkdir(parents=True, exist_ok=True)
    partial = file.path.with_name(f"{file.path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with (
            vendor_errors(file.path.name),
            warnings.catch_warnings(record=True, action="always", category=BentoWarning) as caught,
        ):
            store = client.timeseries.get_range(
                dataset=dataset,
                start=file.day.isoformat(),
                end=(file.day + _ONE_DAY).isoformat(),
                symbols=list(file.instruments.symbols),
                schema=file.schema,
                stype_in=file.instruments.symbol_type,
                path=partial,
            )
            is_empty = next(iter(store), None) is None
        notes = tuple(str(warning.message) for warning in caught)
        if is_empty:
            return Downloaded(file, 0, notes)
        received = DbnFile(partial)
        if received.header.schema != file.schema:
            raise SpymasterError(
                file.path.name, f"the vendor sent {received.header.schema}, not {file.schema}"
            )
        if file.path.exists():
            raise SpymasterError(file.path, "appeared during the download and is left as it is")
        put_in_place(partial, file.path)
        return Downloaded(file, received.bytes, notes)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def vendor_errors(where: str) -> Iterator[None]:
    """Turn errors of the vendor's client into one clear line that never holds the key."""
    try:
        yield
    except BentoHttpError as error:
        status = error.http_status
        remedy = _SERVER_REMEDY if status >= 500 else _REMEDIES.get(status)
        why = f"the vendor answered {status}: {_one_line(error.message)}"
        raise SpymasterError(where, why, remedy) from error
    except (BentoError, OSError, ValueError) as error:
        raise SpymasterError(where, f"download failed: {_one_line(error)}") from error


def _one_line(message: object) -> str:
    text = " ".join(str(message or "no message").split())
    key = os.environ.get(KEY_VARIABLE, "").strip()
    return text.replace(key, "[key]") if key else text


def _check_symbols(file: RawFile) -> None:
    """Raise when the existing file was downloaded without one of the symbols."""
    held = DbnFile(file.path).header.symbols
    if f"{file.instruments.root}.FUT" in held:
        return
    absent = [symbol for symbol in file.instruments.symbols if symbol not in held]
    if absent:
        raise SpymasterError(
            file.path,
            f"exists without {', '.join(absent)}, and raw files are never replaced",
            f"leave {'it' if len(absent) == 1 else 'them'} out, or fetch into another lake",
        )


def _runs_of_days(files: Sequence[RawFile]) -> Iterator[list[RawFile]]:
    """Yield runs of files of the same instruments and schema on consecutive days."""
    run: list[RawFile] = []
    for file in files:
        if run and (file.instruments, file.schema, file.day) != (
            run[-1].instruments,
            run[-1].schema,
            run[-1].day + _ONE_DAY,
        ):
            yield run
            run = []
        run.append(file)
    if run:
        yield run
