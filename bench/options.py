"""``python -m bench.options``: the books of a chain of options, from Parquet to Parquet.

One pass over landed option orders, of more than 400 options in a file, to the rows of their books
on disk: the work of `option_book_1s` before its SQL. It runs in its own process, beside the same
pass over a tenth of the records, which gives the reference memory.
"""

from __future__ import annotations

import json
import multiprocessing
import shutil
import statistics
import tempfile
from pathlib import Path

import click

from bench.builds import Row, at_most, report
from bench.inputs import FIRST_DAY, OUT, WARM_UP_RECORDS
from bench.machine import machine_line
from bench.measure import CORES, Stopwatch, peak_bytes, pin, warm
from bench.option_records import OptionRecords, option_records

# million records per second
_SPEED_GOAL = 1.5
_MEMORY_GROWTH_GOAL = 1.25


def main_pass(given: OptionRecords, tiny: OptionRecords) -> dict[str, float]:
    """Run the pass in this process and return its seconds, rows and peak memory."""
    import datetime as dt

    import pyarrow.parquet as pq
    from spymaster_engine.door import KERNELS
    from spymaster_engine.kernels.book.bronze_records import read_records
    from spymaster_engine.kernels.options.option_day import OptionBooks

    pin()
    warm(given.part)
    midnight = dt.datetime.combine(FIRST_DAY, dt.time(), dt.UTC)
    day_start_s = int(midnight.timestamp())
    folder = Path(tempfile.mkdtemp(dir=OUT))
    try:
        kernel, settings = KERNELS["option_books"], {"day_start_s": day_start_s}
        kernel.write(folder, orders=tiny.part, settings=settings)
        clock = Stopwatch()
        with clock.part("read"):
            for _ in read_records(given.part):
                pass
        with clock.part("replay"):
            books = OptionBooks(day_start_s, lambda rows: None)
            for records in read_records(given.part):
                books.feed(records)
            books.finish()
        with clock.part("pass"):
            kernel.write(folder, orders=given.part, settings=settings)
        rows = pq.read_metadata(folder / "rows.parquet").num_rows
    finally:
        shutil.rmtree(folder)
    return {**clock.seconds, "cpu": clock.cpu_seconds["pass"], "rows": rows, "peak": peak_bytes()}


def measured(given: OptionRecords, tiny: OptionRecords) -> dict[str, float]:
    """Run the pass in its own process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(main_pass, (given, tiny))


@click.command()
@click.option("--records", default=20_000_000, show_default=True, help="Records of the large file.")
@click.option("--rounds", default=3, show_default=True, help="Measurements of each pass.")
def main(records: int, rounds: int) -> None:
    """Make missing option records, and time the pass over them."""
    OUT.mkdir(parents=True, exist_ok=True)
    machine = machine_line(CORES)
    large, small, tiny = (option_records(n) for n in (records, records // 10, WARM_UP_RECORDS))
    runs = [(measured(large, tiny), measured(small, tiny)) for _ in range(rounds)]

    def median(name: str) -> float:
        return statistics.median(run[name] for run, _ in runs)

    speed = statistics.median(large.records / run["pass"] / 1e6 for run, _ in runs)
    rows: list[Row] = [
        ("reading the landed file, s", median("read"), "", None),
        ("reading and replay, nothing written, s", median("replay"), "", None),
        ("landed file to the file of the books, s", median("pass"), "", None),
        ("the same, processor seconds", median("cpu"), "", None),
        ("rows of the books, million", median("rows") / 1e6, "", None),
        ("million records per second", speed, f">= {_SPEED_GOAL:g}", speed >= _SPEED_GOAL),
        ("peak memory, MB", median("peak") / 2**20, "", None),
        at_most(
            f"peak memory against {small.records:,} records",
            statistics.median(run["peak"] / before["peak"] for run, before in runs),
            _MEMORY_GROWTH_GOAL,
        ),
    ]
    title = f"{large.records:,} records of {large.instruments} options"
    report(title, machine, rows, "options.json", records=large.records, rounds=rounds)
    (OUT / "options-runs.json").write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
