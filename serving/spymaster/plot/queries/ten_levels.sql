-- The ten best levels at the end of every second of contract-days without market by order
with

by_order as (
    select dt
    from bronze.ingest_manifest
    where
        dataset_key = 'bronze.future_mbo.mbo'
        and symbol = $symbol
),

seconds as (
    select * from silver.top10_1s
    where
        symbol = $symbol
        and dt in $days
        and dt not in (select by_order.dt from by_order)
        and window_start_ts >= $start_ts
        and window_start_ts < $end_ts
        and is_valid
),

prices as (
    unpivot (
        select
            window_start_ts,
            columns('^(bid|ask)_px_\d\d_int$')
        from seconds
    )
    on columns(* exclude (window_start_ts))
    into name level value price_int
),

sizes as (
    unpivot (
        select
            window_start_ts,
            columns('^(bid|ask)_sz_\d\d$')
        from seconds
    )
    on columns(* exclude (window_start_ts))
    into name level value depth_qty_end
)

select
    date_diff('second', $start_ts, prices.window_start_ts) as second,
    if(starts_with(prices.level, 'bid'), 'B', 'A') as side,
    prices.price_int,
    sizes.depth_qty_end
from prices
inner join sizes
    on
        prices.window_start_ts = sizes.window_start_ts
        and replace(replace(prices.level, '_int', ''), '_px_', '_sz_') = sizes.level
order by second, side, prices.price_int;
