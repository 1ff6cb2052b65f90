"""Cases measured in this project's environment: one function per case.

Each function does its imports and a warm-up on a tiny day first (compiled kernels, lazily
loaded libraries), then starts the clock.
"""

from __future__ import annotations

import queue
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.inputs import FIRST_DAY, OUT, Input, book_config, fingerprint_settings, market_of
from bench.measure import Stopwatch

_VENDOR_CHUNK_RECORDS = 1 << 20
_CHUNK_RECORDS = 1 << 16
_BUFFER_BYTES = 1 << 22
_QUEUE_LENGTH = 4
_REPEATS = 3


def zstd(given: Input, tiny: Input, clock: Stopwatch) -> None:
    """Decompress the file and discard the bytes: no reader can be faster."""
    import zstandard

    buffer = memoryview(bytearray(_BUFFER_BYTES))
    with clock.part("read"), given.mbo.open("rb") as raw:
        stream = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
        while stream.readinto(buffer):
            pass


def vendor_ndarray(given: Input, tiny: Input, clock: Stopwatch) -> None:
    """Read the file with the vendor's client, in chunks of a million records."""
    import databento

    def read(path: Path) -> int:
        chunks = databento.DBNStore.from_file(path).to_ndarray(count=_VENDOR_CHUNK_RECORDS)
        return sum(len(chunk) for chunk in chunks)

    read(tiny.mbo)
    with clock.part("read"):
        clock.numbers["records"] = read(given.mbo)


def vendor_parquet(given: Input, tiny: Input, clock: Stopwatch) -> None:
    """Convert the file to Parquet with the vendor's client."""
    import databento

    with _scratch() as folder:
        databento.DBNStore.from_file(tiny.mbo).to_parquet(folder / "tiny.parquet")
        target = folder / "day.parquet"
        with clock.part("convert"):
            databento.DBNStore.from_file(given.mbo).to_parquet(target)
        clock.numbers["bytes"] = target.stat().st_size


def land(given: Input, tiny: Input, clock: Stopwatch) -> None:
    """Land the file with its definitions, all checks and hashes included."""
    from spymaster_ingest.lake import Lake
    from spymaster_ingest.landing.land import land as land_files

    with _scratch() as folder:
        land_files([tiny.folder], Lake(folder / "tiny"))
        lake = Lake(folder / "lake")
        with clock.part("land"):
            report = land_files([given.folder], lake, allow_missing_definitions=True)
        if not report.ok:
            raise report.errors[0]
        part = next(lake.bronze.rglob("table=mbo/*/part-00000.parquet"))
        clock.numbers["bytes"] = part.stat().st_size
        clock.numbers["input_bytes"] = given.mbo.stat().st_size


def stream(given: Input, tiny: Input, clock: Stopwatch) -> None:
    """From the vendor's file to every output row in memory; nothing is written."""
    _stream(tiny.mbo)
    with clock.part("stream"):
        rows = _stream(given.mbo)
    clock.numbers["wall_rows"], clock.numbers["reprice_rows"] = rows


def replay(given: Input, tiny: Input, clock: Stopwatch) -> None:
    """Replay records in memory, without surface rows; the best of three passes."""
    from spymaster_engine.kernels.book import BookEngine, Records
    from spymaster_ingest.dbn.reader import DbnFile

    def load(path: Path) -> list[Records]:
        return [Records.from_vendor(chunk) for chunk in DbnFile(path).chunks(_CHUNK_RECORDS)]

    def run(chunks: list[Records]) -> None:
        engine = BookEngine(book_config(with_surfaces=False))
        for chunk in chunks:
            for output in engine.feed(chunk):
                engine.recycle(output)
        for output in engine.finish():
            engine.recycle(output)

    run(load(tiny.mbo))
    chunks = load(given.mbo)
    for _ in range(_REPEATS):
        again = Stopwatch()
        with again.part("replay"):
            run(chunks)
        if again.seconds["replay"] < clock.seconds.get("replay", float("inf")):
            clock.seconds, clock.cpu_seconds = again.seconds, again.cpu_seconds


def build(given: Input, tiny: Input, clock: Stopwatch) -> None:
    """From landed Parquet to the engine's Parquet files, hashed and synced to disk."""
    import pyarrow.parquet as pq
    from spymaster_engine.door.book import BOOK_ENGINE
    from spymaster_engine.engine_files import WALL
    from spymaster_engine.kernels.book.surface_files import settings_of
    from spymaster_ingest.durable import put_in_place_with_hash

    def run(day: Input, folder: Path) -> None:
        settings = settings_of(book_config(with_surfaces=True), day.key)
        BOOK_ENGINE.write(folder / "written", orders=day.part, prices=None, settings=settings)
        for path in (folder / "written").iterdir():
            put_in_place_with_hash(path, folder / path.name)

    with _scratch() as folder:
        run(tiny, folder / "tiny")
        with clock.part("build"):
            run(given, folder / "day")
        files = list((folder / "day").glob("*.parquet"))
        wall = folder / "day" / f"{WALL}.parquet"
        clock.numbers["wall_rows"] = pq.read_metadata(wall).num_rows
        clock.numbers["bytes"] = sum(file.stat().st_size for file in files)


def fingerprints(given: Input, tiny: Input, clock: Stopwatch) -> None:
    """From landed Parquet to the files of the fingerprints, rows for the dense period."""
    from spymaster_engine.door import KERNELS
    from spymaster_ingest.units import NS_PER_S

    book = book_config(with_surfaces=True)
    settings = fingerprint_settings(
        tick_int=book.tick_int,
        day_start_s=book.day_start_ns // NS_PER_S,
        surfaces_s=[(a // NS_PER_S, b // NS_PER_S) for a, b in book.surface_windows_ns or ()],
    )
    with _scratch() as folder:
        kernel = KERNELS["fingerprints"]
        kernel.write(folder, orders=tiny.part, settings=settings)
        with clock.part("fingerprints"):
            kernel.write(folder, orders=given.part, settings=settings)
        clock.numbers["bytes"] = sum(target.stat().st_size for target in folder.iterdir())


def generate(given: Input, tiny: Input, clock: Stopwatch) -> None:
    """Make the day with the synthetic market and write its file of orders, in one process."""
    from spymaster_ingest.synthetic import write_day

    def run(day: Input, folder: Path) -> int:
        market = market_of(day.records)
        return write_day(market, FIRST_DAY, folder, schemas=("mbo",))[0].record_count

    with _scratch() as folder:
        run(tiny, folder / "tiny")
        with clock.part("generate"):
            clock.numbers["records"] = run(given, folder / "day")


def dictionary(given: Input, tiny: Input, clock: Stopwatch) -> None:
    """Replay records, held in memory as tuples, with plain dictionaries."""
    import numpy as np
    from spymaster_ingest.dbn.reader import DbnFile

    from bench.dictionary import replay as replay_records

    records: list[tuple[int, int, int, int, int]] = []
    for chunk in DbnFile(given.mbo).chunks(_CHUNK_RECORDS):
        columns = [
            np.ascontiguousarray(chunk[name]).view(np.uint8).tolist() for name in ("action", "side")
        ]
        columns += [chunk[name].tolist() for name in ("order_id", "price", "size")]
        records.extend(zip(*columns, strict=True))
    with clock.part("replay"):
        bids, asks = replay_records(records)
    clock.numbers["levels"] = len(bids) + len(asks)


CASES: dict[str, Callable[[Input, Input, Stopwatch], None]] = {
    function.__name__: function
    for function in (
        zstd,
        vendor_ndarray,
        vendor_parquet,
        land,
        stream,
        replay,
        build,
        fingerprints,
        generate,
        dictionary,
    )
}


def _stream(path: Path) -> tuple[int, int]:
    """Run the engine over a file, decoding in a thread; return wall and re-price rows.

    Every batch is turned into the published columns, as before writing.
    """
    from spymaster_engine.kernels.book import BookEngine
    from spymaster_engine.kernels.book import surface_files as files
    from spymaster_engine.kernels.book.kernel_state import Output

    engine = BookEngine(book_config(with_surfaces=True))
    wall_rows = reprice_rows = 0

    def take(output: Output) -> None:
        nonlocal wall_rows, reprice_rows
        files.snapshot_columns(output)
        wall_rows += len(files.wall_columns(output)["price_int"])
        reprice_rows += len(files.reprice_columns(output)["price_from_int"])
        engine.recycle(output)

    for records in _decoded(path):
        for output in engine.feed(records):
            take(output)
    for output in engine.finish():
        take(output)
    return wall_rows, reprice_rows


def _decoded(path: Path) -> Iterator:
    """Yield the records of a file, read and split into columns in a thread."""
    from spymaster_engine.kernels.book import Records
    from spymaster_ingest.dbn.reader import DbnFile

    ready: queue.Queue = queue.Queue(_QUEUE_LENGTH)

    def read() -> None:
        try:
            for chunk in DbnFile(path).chunks(_CHUNK_RECORDS):
                ready.put(Records.from_vendor(chunk))
            ready.put(None)
        except BaseException as error:
            ready.put(error)

    threading.Thread(target=read, name="decoder", daemon=True).start()
    while (item := ready.get()) is not None:
        if isinstance(item, BaseException):
            raise item
        yield item


@contextmanager
def _scratch() -> Iterator[Path]:
    """Yield a folder below ``bench/out`` that is removed when the block ends."""
    OUT.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="scratch-", dir=OUT))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
