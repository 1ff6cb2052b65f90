"""Writes the synthetic market as the vendor's daily files, with the truth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic.contract_days import CHUNK_RECORDS, day_pieces
from spymaster_ingest.synthetic.dbn_files import (
    DbnWriter,
    FinishedPart,
    WrittenDbnFile,
    metadata_bytes,
    publish_dbn_files,
)
from spymaster_ingest.synthetic.definitions import definition_messages, definition_records
from spymaster_ingest.synthetic.event_records import MBO_DTYPE, TRADE_DTYPE, trades_of
from spymaster_ingest.synthetic.options.chain import option_chain
from spymaster_ingest.synthetic.options.definitions import option_definitions
from spymaster_ingest.synthetic.options.files import OPTION_SCHEMAS, write_options
from spymaster_ingest.synthetic.options.option_days import option_day
from spymaster_ingest.synthetic.options.underlying import UnderlyingPath
from spymaster_ingest.synthetic.price_book import BBO_DTYPE, MBP_DTYPE
from spymaster_ingest.synthetic.price_feed import PriceFeed
from spymaster_ingest.synthetic.products_and_contracts import CONTRACT_KINDS, contracts_of
from spymaster_ingest.synthetic.realism_report import Finding
from spymaster_ingest.synthetic.record_streams import _by_time, merge_by_ts_recv
from spymaster_ingest.synthetic.recording import Recording
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket
from spymaster_ingest.synthetic.truth_files import TruthWriter
from spymaster_ingest.synthetic.venue_messages import SessionStatistics, status_records

FUTURE_SCHEMAS = ("mbo", "definition", "trades", "mbp-10", "bbo-1s", "statistics", "status")
SCHEMAS = (*FUTURE_SCHEMAS, *OPTION_SCHEMAS)
DEFAULT_SCHEMAS = ("mbo", "definition", "trades")

# schemas written record by record, with their layouts
_STREAMED = {"mbo": MBO_DTYPE, "trades": TRADE_DTYPE, "mbp-10": MBP_DTYPE, "bbo-1s": BBO_DTYPE}
_DERIVED = ("mbp-10", "bbo-1s")
# A record of prices is seven times as long as a record of an order.
_DERIVED_CHUNK_RECORDS = 1 << 15


def generate_day(market: SyntheticMarket, day: dt.date, contract: str = "front") -> np.ndarray:
    """Return the MBO records of one contract-day, in the order of the file.

    Args:
        market: what to generate.
        day: UTC date of the vendor's daily file.
        contract: one of CONTRACT_KINDS.

    Returns:
        Shape (records,), the vendor's MBO dtype (MBO_DTYPE).
    """
    return np.concatenate([chunk.copy() for chunk in day_chunks(market, day, contract)])


def expected_records(market: SyntheticMarket, day: dt.date) -> int:
    """Return roughly how many live records a day of the front contract will have."""
    return int(market.pace_of(day).record_rate.sum())


def day_chunks(
    market: SyntheticMarket,
    day: dt.date,
    contract: str = "front",
    chunk_records: int = CHUNK_RECORDS,
) -> Iterator[np.ndarray]:
    """Return the records of :func:`generate_day` piece by piece, in bounded memory.

    A piece is valid until the caller asks for the next. The cut into pieces does not change the
    records. Arguments are those of :func:`~spymaster_ingest.synthetic.contract_days.day_pieces`.
    """
    recording = Recording(market, day)
    for piece in day_pieces(market, day, contract, chunk_records):
        records = recording.keep({"mbo": piece.records})["mbo"]
        if records.size:
            yield records


def write_day(
    market: SyntheticMarket, day: dt.date, out_dir: Path, **options: Any
) -> list[WrittenDbnFile]:
    """Write one day's files; options and errors are those of :func:`write_days`."""
    return write_days(market, [day], out_dir, **options)


@dataclass(frozen=True)
class DayJob:
    """Files to write for one day; :func:`write_days` explains the fields."""

    market: SyntheticMarket
    day: dt.date
    out_dir: Path
    schemas: Sequence[str]
    contracts: Sequence[str]
    truth: bool


@dataclass(frozen=True)
class DayResult:
    """Result of one day.

    Attributes:
        day: UTC date.
        parts: its files, still under their temporary names.
        records: records of its MBO stream.
        findings: the generator's report on the front contract; empty unless requested.
    """

    day: dt.date
    parts: list[FinishedPart]
    records: int
    findings: list[Finding]


def write_days(
    market: SyntheticMarket,
    days: Sequence[dt.date],
    out_dir: Path,
    *,
    schemas: Sequence[str] = DEFAULT_SCHEMAS,
    contracts: Sequence[str] = ("front",),
    truth: bool = False,
    workers: int = 1,
    on_day: Callable[[DayResult], object] = lambda result: None,
) -> list[WrittenDbnFile]:
    """Write the files of days in the layout of the raw store: all of them or none.

    Records are written as they are made, in bounded memory. An existing file with the same bytes
    stays. The number of workers changes no byte.

    Args:
        market: what to generate.
        days: UTC dates of the files.
        out_dir: the raw store, the folder above ``source=databento``.
        schemas: which of SCHEMAS to write.
        contracts: which of CONTRACT_KINDS the record files hold, ``expiring`` on the days that have
            one; definitions always hold all.
        truth: also write the truth of each contract, below ``truth`` of ``out_dir``, and measure
            how real the front contract looks.
        workers: processes that make days in parallel.
        on_day: called with the result of every day, in order.

    Returns:
        The files, day by day in the order of ``schemas``.

    Raises:
        SpymasterError: for an unknown schema or contract, a day that has none of the contracts,
            a damage that does not fit into a day, an existing file with other content, or a
            folder that cannot be written.
    """
    for name, known in ((schemas, SCHEMAS), (contracts, CONTRACT_KINDS)):
        if unknown := [entry for entry in name if entry not in known]:
            raise SpymasterError(", ".join(unknown), f"not one of {', '.join(known)}")
    jobs = []
    for day in days:
        market.pace_of(day)
        listed = contracts_of(market.product, day)
        kinds = [kind for kind in contracts if kind in listed]
        if not kinds:
            raise SpymasterError(f"contracts {', '.join(contracts)}", f"none trades on {day}")
        jobs.append(DayJob(market, day, out_dir, schemas, kinds, truth))
    finished: list[FinishedPart] = []
    try:
        for result in _results(jobs, workers):
            finished += result.parts
            on_day(result)
        return publish_dbn_files(finished)
    except OSError as error:
        raise SpymasterError(
            error.filename or out_dir, f"cannot be written: {error.strerror or error}"
        ) from error
    finally:
        for part in finished:
            part.discard()


def _results(jobs: Sequence[DayJob], workers: int) -> Iterator[DayResult]:
    if min(workers, len(jobs)) <= 1:
        yield from map(write_partial, jobs)
        return
    # A fresh interpreter per worker: this process's threads do not survive a fork.
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        yield from pool.map(write_partial, jobs)


def write_partial(job: DayJob) -> DayResult:
    """Write a day's files under their temporary names."""
    market, day = job.market, job.day
    listed = contracts_of(market.product, day)
    chain = option_chain(market, day)
    members = {
        "definition": [*listed.values(), *chain.contracts],
        **dict.fromkeys(OPTION_SCHEMAS, chain.contracts),
    }
    chosen = [listed[kind] for kind in job.contracts]
    records, report = 0, None
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(
                DbnWriter(
                    raw_path(job.out_dir, market.product.root, name, day),
                    name,
                    metadata_bytes(
                        market.product.dataset,
                        OPTION_SCHEMAS.get(name, name),
                        day,
                        members.get(name, chosen),
                    ),
                )
            )
            for name in job.schemas
        }
        option_writers = {name: writers[name] for name in OPTION_SCHEMAS if name in writers}
        underlying = UnderlyingPath(market, day) if option_writers else None
        if "definition" in writers:
            messages = definition_messages(market.product, list(listed.values()), day)
            messages += option_definitions(market.product, chain, day)
            writers["definition"].write(definition_records(messages))
        if "status" in writers:
            changes = [status_records(market, day, kind) for kind in job.contracts]
            writers["status"].write(_by_time(changes))
        streamed = [schema for schema in _STREAMED if schema in writers]
        if job.truth or streamed or "statistics" in writers:
            streams, numbers = [], []
            for kind in job.contracts:
                truth_writer, statistics = None, None
                if job.truth:
                    truth_writer = stack.enter_context(TruthWriter(job.out_dir, market, day, kind))
                    report = truth_writer.report or report
                if "statistics" in writers:
                    statistics = SessionStatistics(market, day, kind)
                    numbers.append(statistics)
                seen = underlying if kind == "front" else None
                streams.append(
                    _records_by_schema(job, kind, streamed, truth_writer, statistics, seen)
                )
            for piece in merge_by_ts_recv(streams):
                for schema in streamed:
                    writers[schema].write(piece[schema])
                records += piece["mbo"].size
            if numbers:
                writers["statistics"].write(
                    _by_time([statistics.records() for statistics in numbers])
                )
        if underlying is not None:
            if not underlying.is_complete:
                underlying.follow()
            truth_dir = job.out_dir if job.truth else None
            write_options(option_day(market, day), underlying.changes(), option_writers, truth_dir)
    findings = report.findings() if report else []
    return DayResult(day, [writer.part for writer in writers.values()], records, findings)


def raw_path(out_dir: Path, root: str, schema: str, day: dt.date) -> Path:
    """Return the path of a day's file of a schema below the raw store.

    The name is the vendor's with a prefix, so that no synthetic file passes for a real file.
    """
    layout = Lake(Path())
    product_type = "future_option" if schema in OPTION_SCHEMAS else "future"
    schema = OPTION_SCHEMAS.get(schema, schema)
    folder = layout.raw_table(product_type, root, schema).relative_to(layout.raw.parent)
    return out_dir / folder / f"synthetic-glbx-mdp3-{day:%Y%m%d}.{schema}.dbn.zst"


def _records_by_schema(
    job: DayJob,
    kind: str,
    schemas: Sequence[str],
    truth_writer: TruthWriter | None,
    statistics: SessionStatistics | None,
    underlying: UnderlyingPath | None,
) -> Iterator[dict[str, np.ndarray]]:
    """Yield a contract's records by schema, ``mbo`` always; pass them to the other writers."""
    market, day = job.market, job.day
    is_derived = any(schema in _DERIVED for schema in schemas)
    prices = PriceFeed(market, day, kind) if is_derived else None
    recording = Recording(market, day)
    chunk_records = _DERIVED_CHUNK_RECORDS if is_derived else CHUNK_RECORDS
    for piece in day_pieces(market, day, kind, chunk_records):
        if truth_writer is not None:
            truth_writer.add(piece)
        if statistics is not None:
            statistics.add(piece.records)
        if underlying is not None:
            underlying.add(piece.records)
        by_schema = {"mbo": piece.records}
        if prices is not None:
            by_schema["mbp-10"], by_schema["bbo-1s"] = prices.add(piece.records)
        by_schema = recording.keep(by_schema)
        if "trades" in schemas:
            by_schema["trades"] = trades_of(by_schema["mbo"])
        yield by_schema
    if truth_writer is not None:
        truth_writer.finish()
    if underlying is not None:
        underlying.is_complete = True
    if prices is not None:
        nothing = {schema: np.zeros(0, _STREAMED[schema]) for schema in ("mbo", *schemas)}
        yield recording.keep(nothing | {"bbo-1s": prices.finish()})
