-- readings of the seconds that are asked for, NULL where a second has none
with

wanted as (
    select unnest($seconds) as second_s
),

radar as (
    select * from silver.radar_vacuum_1s
    where symbol = $symbol and dt = $dt
),

quotes as (
    select * exclude (window_end_ts), cast(epoch(window_end_ts) as bigint) as second_s
    from steps.movement_seconds_1s
    where symbol = $symbol and dt = $dt
)

select
    wanted.second_s,
    radar.* exclude (symbol, dt),
    quotes.* exclude (symbol, dt, second_s)
from wanted
left join radar on wanted.second_s = cast(epoch(radar.window_end_ts) as bigint)
left join quotes on wanted.second_s = quotes.second_s
order by wanted.second_s
