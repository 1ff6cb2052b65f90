-- The bars of the longest moving average, and those that ended since
with

settings as (
    select * from steps.level_settings
    where symbol = $symbol and dt = $dt
),

bars as (
    select *
    from silver.bars
    where
        symbol = $symbol
        and bar_s = $bar_s
        and bar_end_ts <= $to_ts
        and (dt = $dt or dt in (select unnest(settings.earlier_dts) from settings))
)

select bars.*
from bars
qualify
    bars.bar_end_ts > $from_end_ts
    or row_number() over (order by bars.bar_end_ts > $from_end_ts, bars.bar_end_ts desc) <= (
        select coalesce(max(weights.sma_bars), 0)
        from silver.level_definitions as weights
        where $all_levels or list_contains($level_ids, weights.level_id)
    )
