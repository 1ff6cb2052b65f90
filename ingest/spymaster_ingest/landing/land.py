"""Land DBN files: group them, skip unchanged input, report every bad file."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from spymaster_ingest.dbn.reader import DEFAULT_CHUNK_RECORDS, DbnFile
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.definitions import DefinitionCatalog
from spymaster_ingest.landing.manifest import (
    input_hashes,
    partition_name,
    read_manifest,
    result_from_manifest,
)
from spymaster_ingest.landing.partition import remove_leftovers
from spymaster_ingest.landing.report import UNCHANGED, LandReport, PartitionResult
from spymaster_ingest.landing.routing import day_of
from spymaster_ingest.landing.table_schemas import DEFINITION, SCHEMAS, SchemaLanding
from spymaster_ingest.landing.transaction import BadFiles, LandingSettings, Transaction
from spymaster_ingest.products import INSTRUMENTS_SEED, read_products

SUFFIXES = (".dbn", ".dbn.zst")

_LOCK_NAME = ".land.lock"

Outcome = PartitionResult | SpymasterError


def land(
    paths: Iterable[Path | str],
    lake: Lake,
    *,
    allow_missing_definitions: bool = False,
    overwrite: bool = False,
    chunk_records: int = DEFAULT_CHUNK_RECORDS,
    instruments_seed: Path = INSTRUMENTS_SEED,
    on_outcome: Callable[[Outcome], None] = lambda outcome: None,
    on_records: Callable[[int], None] = lambda records: None,
) -> LandReport:
    """Land DBN files as Parquet partitions of the lake.

    Definition files are landed first. A file that fails any check lands nothing and does not
    keep the others from landing.

    Args:
        paths: files, or folders searched for ``.dbn`` and ``.dbn.zst`` at any depth.
        lake: the target.
        allow_missing_definitions: accept the header's symbology for outrights of known roots.
        overwrite: replace partitions that exist.
        chunk_records: records decoded at a time; the result does not depend on it.
        instruments_seed: CSV with the products that the lake's settings overlay.
        on_outcome: called with each partition result and each error as it happens.
        on_records: called with the number of records read since the last call.

    Returns:
        Every partition, error and note of the call.

    Raises:
        SpymasterError: another ``land`` is writing the lake, the seed cannot be read, the
            directory is no lake, or it cannot be written.
    """
    report = LandReport()

    def add(outcome: Outcome) -> None:
        if isinstance(outcome, SpymasterError):
            report.errors.append(outcome)
        else:
            report.partitions.append(outcome)
        on_outcome(outcome)

    settings = LandingSettings(
        lake=lake,
        products=read_products(lake.root, instruments_seed),
        catalog=DefinitionCatalog(lake),
        allow_missing_definitions=allow_missing_definitions,
        overwrite=overwrite,
        chunk_records=chunk_records,
        progress=on_records,
    )
    with landing_lock(lake):
        files = _open_all(_collect(paths, add), add)
        try:
            remove_leftovers(lake)
            for landing, group in _groups(files):
                for outcome in _land_group(landing, group, settings, report.notes):
                    add(outcome)
                if landing is DEFINITION:
                    settings.catalog.forget()
            if allow_missing_definitions and files and not (report.partitions or report.errors):
                add(
                    SpymasterError(
                        files[0].path,
                        "nothing was kept: its header names no outright of a known product",
                        "land the definitions of its day first",
                    )
                )
            if overwrite:
                report.notes.extend(_left_standing(lake, files, report))
        except OSError as error:
            raise SpymasterError(
                lake.root, f"the lake cannot be written: {error.strerror or error}"
            ) from error
    return report


def _collect(paths: Iterable[Path | str], add: Callable[[Outcome], None]) -> list[Path]:
    """Return all files below ``paths``, each once, in name order."""
    found: dict[Path, Path] = {}
    for path in map(Path, paths):
        if path.is_dir():
            inside = [file for file in path.rglob("*") if _is_dbn(file)]
            if not inside:
                add(SpymasterError(path, "holds no .dbn or .dbn.zst file"))
        elif path.exists():
            inside = [path]
        else:
            inside = []
            add(SpymasterError(path, "does not exist"))
        for file in inside:
            if _is_text(file):
                found.setdefault(file.resolve(), file)
            else:
                add(SpymasterError(ascii(str(file)), "its path is no UTF-8", "rename it"))
    return sorted(found.values(), key=lambda file: (file.name, str(file)))


def _is_text(path: Path) -> bool:
    """Tell whether manifests, which are UTF-8, can name a file."""
    try:
        str(path.resolve()).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _is_dbn(path: Path) -> bool:
    return path.name.endswith(SUFFIXES) and path.is_file()


def _open_all(paths: Iterable[Path], add: Callable[[Outcome], None]) -> list[DbnFile]:
    files = []
    for path in paths:
        try:
            files.append(DbnFile(path))
        except SpymasterError as error:
            add(error)
    return files


def _groups(files: Iterable[DbnFile]) -> Iterator[tuple[SchemaLanding, list[DbnFile]]]:
    """Yield files that may share a partition: one schema, header dates that touch."""
    for landing in SCHEMAS.values():
        ours = [file for file in files if file.header.schema == landing.schema]
        group: list[DbnFile] = []
        last: dt.date | None = None
        for file in sorted(ours, key=lambda file: _header_days(file)[0]):
            first_day, last_day = _header_days(file)
            if last is not None and first_day > last:
                yield landing, _in_name_order(group)
                group, last = [], None
            group.append(file)
            last = max(last, last_day) if last else last_day
        if group:
            yield landing, _in_name_order(group)


def _in_name_order(files: Iterable[DbnFile]) -> list[DbnFile]:
    return sorted(files, key=lambda file: (file.path.name, str(file.path)))


def _header_days(file: DbnFile) -> tuple[dt.date, dt.date]:
    """Return the first and last UTC date the file may hold records of."""
    start, end = file.header.start_ns, file.header.end_ns
    return day_of(start), dt.date.max if end is None else day_of(max(start, end - 1))


def _land_group(
    landing: SchemaLanding, files: Sequence[DbnFile], settings: LandingSettings, notes: list[str]
) -> Iterator[Outcome]:
    """Land a group; leave out bad files until the rest lands as a whole."""
    left = dict(enumerate(files))
    hashes = {index: file.sha256() for index, file in left.items()}
    if not settings.overwrite:
        known = [_landed(settings, landing, hashes[index], left[index]) for index in left]
        if all(known):
            there = {(r.dataset, r.symbol, r.day): r for found in known for r in found or ()}
            yield from (there[key] for key in sorted(there))
            return
    while left:
        order = list(left)
        transaction = Transaction(
            [left[index] for index in order],
            [hashes[index] for index in order],
            landing,
            settings,
        )
        try:
            results = transaction.run()
        except BadFiles as bad:
            for position, error in bad.errors.items():
                yield error
                del left[order[position]]
        else:
            yield from results
            notes.extend(transaction.records_dropped())
            return


def _landed(
    settings: LandingSettings, landing: SchemaLanding, sha256: str, file: DbnFile
) -> list[PartitionResult] | None:
    """Return the partitions that hold a file's records.

    None unless all of them are finished and made by the definitions landed now.
    """
    manifests = {}
    first, last = _header_days(file)
    for table in landing.tables:
        pattern = f"product_type={table.product_type}/symbol=*/table={table.table}/dt=*"
        for partition in settings.lake.bronze.glob(pattern):
            if first.isoformat() <= partition.name.removeprefix("dt=") <= last.isoformat():
                manifest = read_manifest(partition)
                if manifest is not None:
                    name = partition_name(table.dataset, manifest["symbol"], manifest["dt"])
                    manifests[name] = manifest
    expected: set[str] | None = None
    for manifest in manifests.values():
        for source in manifest["inputs"]:
            if source["sha256"] == sha256:
                expected = set(source["partitions"])
    if expected is None or not expected <= manifests.keys():
        return None
    results = []
    for key in sorted(expected):
        manifest = manifests[key]
        if sha256 not in input_hashes(manifest):
            return None
        result = result_from_manifest(manifest, UNCHANGED)
        decided_by = settings.catalog.input_hash(result.day, manifest["definition_roots"])
        if decided_by != manifest["definition_input_hash"]:
            return None
        results.append(result)
    return results


def _left_standing(lake: Lake, files: Iterable[DbnFile], report: LandReport) -> Iterator[str]:
    """Yield a note for every partition that a landed file fed earlier and feeds no more."""
    refused = {error.where for error in report.errors}
    landed = {
        (result.dataset, result.symbol, result.day.isoformat()) for result in report.partitions
    }
    paths = {lake.relative(file.path): file.path for file in files if str(file.path) not in refused}
    for partition in sorted(lake.bronze.glob("product_type=*/symbol=*/table=*/dt=*")):
        manifest = read_manifest(partition)
        if manifest is None:
            continue
        if (manifest["dataset"], manifest["symbol"], manifest["dt"]) in landed:
            continue
        for source in manifest["inputs"]:
            if source["path"] in paths:
                yield (
                    f"{paths[source['path']]}: {manifest['symbol']} {manifest['dt']} was landed "
                    f"from it before and is not now; {lake.relative(partition)} stays as it was"
                )


@contextlib.contextmanager
def landing_lock(lake: Lake) -> Iterator[None]:
    """Hold the lake's landing lock; the system drops it when the process dies."""
    lake.make_root()
    try:
        lake.bronze.mkdir(parents=True, exist_ok=True)
        lock = (lake.bronze / _LOCK_NAME).open("w")
    except OSError as error:
        raise SpymasterError(lake.root, f"the lake cannot be written: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SpymasterError(
                lake.root, "another `land` is writing this lake", "wait until it has ended"
            ) from error
        yield
