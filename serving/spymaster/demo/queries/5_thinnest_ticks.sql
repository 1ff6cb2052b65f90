-- The thinnest ticks above spot, on average over the minute around it
select
    rel_ticks,
    round(avg(ease), 3) as ease,
    round(avg(vacuum_score), 3) as vacuum_score,
    round(avg(wall_strength_log), 2) as wall_strength_log,
    round(100 * avg(cast(is_empty as integer)), 1) as empty_percent
from silver.vacuum_surface_1s
inner join silver.physics_surface_1s using (symbol, dt, window_start_ts, side, rel_ticks)
where
    symbol = 'ESZ5'
    and dt = date '2025-10-16'
    and window_start_ts >= timestamp '2025-10-16 13:51:42'
    and window_start_ts < timestamp '2025-10-16 13:52:42'
    and side = 'A'
group by rel_ticks
order by ease desc, rel_ticks
limit 6;
