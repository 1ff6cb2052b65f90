"""Run the book engine over the contract-days that are new or changed."""

from spymaster_engine.kernels.book.book_manifest import book_manifest_table, contract_day
from spymaster_engine.kernels.book.contract_day import finished_row, process_contract_days
from spymaster_engine.kernels.book.errors import BookEngineError
from spymaster_ingest.console import progress
from spymaster_ingest.lake import Lake


def model(dbt, session):
    """Return a manifest row for every selected contract-day whose fingerprint is not stored."""
    dbt.config(materialized="incremental", unique_key="partition_key")
    shaping = {
        "wall_max_ticks": dbt.config.meta_get("wall_max_ticks"),
        "rest_ns": dbt.config.meta_get("rest_ns"),
        "unknown_cancel_rate_max": dbt.config.meta_get("unknown_cancel_rate_max"),
        "unknown_cancel_min_cancels": dbt.config.meta_get("unknown_cancel_min_cancels"),
        "unknown_cancel_lookback_s": dbt.config.meta_get("unknown_cancel_lookback_s"),
    }
    inputs = (
        dbt.ref("contract_days")
        .filter("is_selected and book_source is not null")
        .order("symbol, dt")
    )
    stored = {}
    if dbt.is_incremental:
        query = f"select partition_key, input_fingerprint from {dbt.this}"  # noqa: S608
        stored = dict(session.execute(query).fetchall())

    lake = Lake.from_environment()
    days = [
        contract_day(row, shaping, lake.root, lake.engine_partition(row["symbol"], row["dt"]))
        for row in inputs.to_arrow_table().to_pylist()
    ]
    to_do = [
        day
        for day in days
        if stored.get(day.partition_key) != day.fingerprint or finished_row(day) is None
    ]
    with progress(unit="contract-days") as bar:
        rows, failures = process_contract_days(bar.track(to_do, description="book engine"))
    if failures:
        raise BookEngineError("; ".join(failures))
    return book_manifest_table(rows)
