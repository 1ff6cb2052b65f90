-- Rungs of every level near spot in a range of seconds; the view is computed here, so that the time
-- is bounded first
select
    *,
    epoch_ns(window_end_ts) as window_end_ts_ns
from silver.level_ladder_1s
where
    symbol = $symbol
    and dt = $dt
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
    and abs(k_ticks) <= 40
order by window_start_ts, level_id, point_offset;
