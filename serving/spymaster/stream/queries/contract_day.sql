-- First and last window of a contract-day, and its minimum price increment
select
    cast(epoch(min(snapshot.window_end_ts)) as bigint) as first_s,
    cast(epoch(max(snapshot.window_end_ts)) as bigint) as last_s,
    any_value(manifest.tick_int) as tick_int
from silver.book_snapshot_1s as snapshot
inner join bronze.ingest_manifest as manifest
    on
        snapshot.symbol = manifest.symbol
        and snapshot.dt = manifest.dt
where
    snapshot.symbol = $symbol
    and snapshot.dt = $dt
    and manifest.dataset_key in ('bronze.future_mbo.mbo', 'bronze.future.market_by_price_10')
having count(*) > 0;
