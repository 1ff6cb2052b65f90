"""The end of a session: what a run captured is sealed, and landed as bronze.

A run's files hold records of one session, which may lie in two UTC days, and a day may have been
captured by several runs. So the records of each source and day are joined, in their order, into one
file, which is landed like a file of the vendor. Where the vendor's file of a day is landed, it
stays; where it comes later, ``land --overwrite`` takes it in place.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import zstandard
from databento_dbn import SecurityUpdateAction
from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.dbn.layouts import DEFINITION
from spymaster_ingest.dbn.reader import read_header
from spymaster_ingest.durable import put_in_place, unique_temporary, write_text
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing import LandReport, land
from spymaster_ingest.landing.gaps import write_gaps
from spymaster_ingest.landing.land import Outcome
from spymaster_ingest.landing.manifest import read_manifest
from spymaster_ingest.landing.table_schemas import SCHEMAS
from spymaster_ingest.units import NS_PER_DAY

from spymaster.live.capture import RUN
from spymaster.live.captured_run import CapturedRun
from spymaster.live.feeds import Gap, Source, times_of
from spymaster.live.recorded import encoded_header
from spymaster.live.vendor.seen import Doubles, Seen

MANIFEST = "manifest.json"
_FORMAT = 1
_SLICE_RECORDS = 1 << 16
_EPOCH = dt.date(1970, 1, 1)
_DELETED = SecurityUpdateAction.DELETE.value.encode()
_FOREVER_NS = np.iinfo(np.int64).max


@dataclass(frozen=True)
class _Piece:
    """Records of one source that a run captured."""

    run: Path
    source: Source
    records: np.ndarray
    gaps: list[Gap]


def seal(folder: Path, reason: str | None = None) -> Path:
    """Write the manifest of a run that has ended: counts and sha256 of its files.

    A run that was killed is sealed as far as the disk has it; a record that was cut does not count.

    Args:
        folder: of the run.
        reason: why the run stopped before its feed did; None where it did not.

    Returns:
        The manifest.

    Raises:
        SpymasterError: The folder holds no run.
    """
    run = CapturedRun(folder)
    files = []
    for source in run.sources:
        path, records = folder / f"{source.name}.dbn", run.records(source)
        times = times_of(records)
        files.append(
            {
                "name": path.name,
                "schema": source.schema,
                "product_type": source.product_type,
                "product": source.product,
                "records": len(records),
                "bytes": path.stat().st_size,
                "sha256": file_sha256(path),
                "first_time_ns": int(times.min()) if len(times) else None,
                "last_time_ns": int(times.max()) if len(times) else None,
                "gaps": [gap._asdict() for gap in run.gaps.get(source.name, ())],
            }
        )
    manifest = folder / MANIFEST
    content = {"format": _FORMAT, "reason": reason, "files": files}
    write_text(manifest, json.dumps(content, indent=1) + "\n")
    return manifest


def check_sealed(folder: Path) -> None:
    """Raise unless the files of a sealed run are what they were.

    Raises:
        SpymasterError: It is not sealed, or a file has another sha256.
    """
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    except FileNotFoundError as error:
        raise SpymasterError(folder, "is not sealed", "end its run, or seal it") from error
    for file in files:
        path = folder / file["name"]
        if not path.exists() or file_sha256(path) != file["sha256"]:
            raise SpymasterError(path, f"is not what {MANIFEST} says", "restore it")


def land_captured(
    lake: Lake,
    runs: Sequence[Path],
    *,
    allow_missing_definitions: bool = False,
    on_outcome: Callable[[Outcome], None] = lambda outcome: None,
) -> LandReport:
    """Land the UTC days of sealed runs, with what other sealed runs of the lake captured of them.

    Args:
        lake: the target.
        runs: folders of runs that were sealed.
        allow_missing_definitions: accept the header's symbology for outrights of known roots.
        on_outcome: called with each partition result and each error as it happens.

    Returns:
        Every partition, error and note. A note names each source that the vendor's file of the day
        stands for.

    Raises:
        SpymasterError: A run is not sealed or was changed, or the lake cannot be written.
    """
    for run in runs:
        check_sealed(run)
    days = {day for run in runs for piece in _pieces(run) for day in _days(piece.records)}
    report = LandReport()
    paths, report.notes = captured_files(lake, runs, sorted(days))
    if paths:
        landed = land(
            paths,
            lake,
            allow_missing_definitions=allow_missing_definitions,
            overwrite=True,
            on_outcome=on_outcome,
        )
        landed.notes[:0] = report.notes
        return landed
    return report


def captured_files(
    lake: Lake, runs: Iterable[Path], days: Iterable[dt.date]
) -> tuple[list[Path], list[str]]:
    """Write what was captured of UTC days, a file for each source and day.

    Args:
        lake: whose other sealed runs count too.
        runs: folders of runs, which may still be captured.
        days: UTC dates.

    Returns:
        The files, and a note for each source that the vendor's file of a day stands for.

    Raises:
        SpymasterError: A sealed run was changed, or the lake cannot be written.
    """
    found = {run.resolve() for run in runs}
    for manifest in lake.live.rglob(MANIFEST):
        if (other := manifest.parent.resolve()) not in found:
            check_sealed(other)
            found.add(other)
    pieces: dict[Source, list[_Piece]] = {}
    for folder in sorted(found):
        # without it, no record has come yet
        if not (folder / RUN).exists():
            continue
        for piece in _pieces(folder):
            pieces.setdefault(piece.source, []).append(piece)
    paths, notes = [], []
    for day in days:
        for source in sorted(pieces, key=lambda source: source.name):
            if why := _stands_for(lake, source, day):
                notes.append(why)
            elif path := _write_day(lake, source, pieces[source], day):
                paths.append(path)
    return paths, notes


def write_begun(lake: Lake, source: Source, day: dt.date) -> Path:
    """Write the file of a source of which nothing has come on a UTC day, a header alone.

    Raises:
        SpymasterError: The lake cannot be written.
    """
    start_ns = (day - _EPOCH).days * NS_PER_DAY
    header = read_header(Path(source.name), io.BytesIO(source.header))
    span_ns = (start_ns, start_ns + NS_PER_DAY)
    encoded = encoded_header(header.dataset, source.schema, {}, day, span_ns, source.version)
    return _put(lake, source, day, encoded, [])


def _pieces(folder: Path) -> Iterator[_Piece]:
    run = CapturedRun(folder)
    for source in run.sources:
        records, gaps = run.records(source), run.gaps.get(source.name, [])
        if len(records) or gaps:
            yield _Piece(folder, source, records, gaps)


def _days(records: np.ndarray) -> list[dt.date]:
    return [
        _EPOCH + dt.timedelta(days=int(number))
        for number in np.unique(times_of(records) // NS_PER_DAY)
    ]


def _stands_for(lake: Lake, source: Source, day: dt.date) -> str | None:
    """Return why records are not landed: the vendor's file of the day is; None where it is not."""
    captured = lake.relative(lake.captured(day))
    for table in SCHEMAS[source.schema].tables:
        if source.schema != DEFINITION.schema and table.product_type != source.product_type:
            continue
        pattern = f"product_type={table.product_type}/symbol=*/table={table.table}/dt={day}"
        for partition in sorted(lake.bronze.glob(pattern)):
            manifest = read_manifest(partition)
            if manifest is None or not _is_of(source, manifest["symbol"], manifest["root"]):
                continue
            for file in manifest["inputs"]:
                if not file["path"].startswith(f"{captured}/"):
                    return f"{source.name} {day}: {file['name']} is landed, and stays"
    return None


def _is_of(source: Source, symbol: str, root: str) -> bool:
    """Return whether a partition holds records of the product of a source."""
    if source.schema == DEFINITION.schema:
        return source.product.startswith(root)
    return source.product in (symbol, root)


def _write_day(lake: Lake, source: Source, pieces: list[_Piece], day: dt.date) -> Path | None:
    """Write the records of a day into one file; None without any."""
    start_ns = (day - _EPOCH).days * NS_PER_DAY
    span_ns = (start_ns, start_ns + NS_PER_DAY)
    parts = []
    for piece in pieces:
        records = _between(piece.records, *span_ns)
        if len(records):
            parts.append((records, piece))
    carried = _carried(pieces, [records for records, _ in parts], start_ns)
    if not parts and not len(carried):
        return None
    parts.sort(key=lambda part: (int(times_of(part[0])[0]), part[1].run.name))
    symbols: dict[int, str] = {}
    versions = {piece.source.version for piece in pieces}
    if len(versions) > 1:
        raise SpymasterError(
            f"{source.name} {day}",
            f"runs captured it in DBN versions {sorted(versions)}",
            "move one",
        )
    for piece in pieces:
        path = piece.run / f"{source.name}.dbn"
        with path.open("rb") as stream:
            header = read_header(path, stream)
        symbols |= {mapping.instrument_id: mapping.symbol for mapping in header.mappings}
    encoded = encoded_header(header.dataset, source.schema, symbols, day, span_ns, versions.pop())
    fresh = _without_doubles([records for records, _ in parts], source.schema)
    gaps = [gap for piece in pieces for gap in piece.gaps]
    return _put(lake, source, day, encoded, chain([carried], fresh), gaps)


def _put(
    lake: Lake,
    source: Source,
    day: dt.date,
    header: bytes,
    parts: Iterable[np.ndarray],
    gaps: Sequence[Gap] = (),
) -> Path:
    """Write the file of a source and day."""
    path = lake.captured(day) / f"{source.name}.dbn.zst"
    temporary = unique_temporary(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as raw, _compressor().stream_writer(raw, closefd=False) as target:
            target.write(header)
            for records in parts:
                target.write(records.tobytes())
        write_gaps(path, list(gaps))
        put_in_place(temporary, path)
    except OSError as error:
        raise SpymasterError(path, f"cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _carried(pieces: Sequence[_Piece], of_day: Sequence[np.ndarray], start_ns: int) -> np.ndarray:
    """Return what is in force when a UTC day begins, of instruments that it does not define.

    The venue lists its instruments before the day in which they trade, and the vendor's file of a
    day begins with what is in force. So do these: their time of capture is the start of the day.
    """
    if pieces[0].source.schema != DEFINITION.schema:
        return pieces[0].records[:0]
    records = np.concatenate([piece.records for piece in pieces])
    before = records[times_of(records) < start_ns]
    before = before[np.argsort(times_of(before), kind="stable")]
    # the last one of each instrument
    _, at = np.unique(before["instrument_id"][::-1], return_index=True)
    last = before[::-1][at]
    is_gone = (last["security_update_action"] == _DELETED) | (last["expiration"] <= start_ns)
    defined = [number for part in of_day for number in part["instrument_id"].tolist()]
    carried = last[~is_gone & ~np.isin(last["instrument_id"], defined)]
    carried["ts_recv"] = start_ns
    return carried


def _without_doubles(parts: Sequence[np.ndarray], schema: str) -> Iterator[np.ndarray]:
    """Yield the records of parts, each of which may give records of those before again.

    One does whose first record is there already, as when a stream is read from its start again. A
    run that goes on with another one has left them out by itself.
    """
    for number, records in enumerate(parts):
        earlier, first_ns = parts[:number], int(times_of(records[:1])[0])
        doubles = Doubles()
        if any((_between(part, first_ns, first_ns + 1) == records[0]).any() for part in earlier):
            seen = Seen(_FOREVER_NS, schema)
            for part in earlier:
                again = _between(part, int(times_of(records).min()), _FOREVER_NS)
                if len(again):
                    seen.note(again)
            doubles = seen.doubles()
        for start in range(0, len(records), _SLICE_RECORDS):
            fresh = doubles.without(records[start : start + _SLICE_RECORDS])
            if len(fresh):
                yield fresh


def _between(records: np.ndarray, from_ns: int, to_ns: int) -> np.ndarray:
    """Return the records of a time, [from_ns, to_ns); a view where they follow one another."""
    times = times_of(records)
    at = np.flatnonzero((times >= from_ns) & (times < to_ns))
    if len(at) and int(at[-1]) - int(at[0]) + 1 == len(at):
        return records[at[0] : at[-1] + 1]
    return records[at]


def _compressor() -> zstandard.ZstdCompressor:
    return zstandard.ZstdCompressor(level=3, write_checksum=True)
