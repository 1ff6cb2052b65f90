-- Spot of a second; without a time, the last second with an approach (to the level, if given), else
-- the last valid second
select
    snapshot.window_end_ts,
    snapshot.spot_ref_price_int,
    instruments.tick_size_int as tick_int,
    snapshot.window_valid
from silver.book_snapshot_1s as snapshot
cross join (
    select any_value(tick_int) as tick_size_int
    from bronze.ingest_manifest
    where
        symbol = $symbol
        and dt = $dt
        and dataset_key in ('bronze.future_mbo.mbo', 'bronze.future.market_by_price_10')
) as instruments
where
    snapshot.symbol = $symbol
    and snapshot.dt = $dt
    and snapshot.window_end_ts = coalesce(
        $at,
        (
            select max(offsets.window_end_ts)
            from silver.level_offset_1s as offsets
            inner join silver.levels_1s as levels using (symbol, dt, window_end_ts, level_id)
            where
                offsets.symbol = $symbol
                and offsets.dt = $dt
                and levels.is_active
                and offsets.approach_dir != 'approach_none'
                and offsets.level_id = coalesce($level_id, offsets.level_id)
        ),
        (
            select max(seconds.window_end_ts)
            from silver.book_snapshot_1s as seconds
            where seconds.symbol = $symbol and seconds.dt = $dt and seconds.window_valid
        )
    );
