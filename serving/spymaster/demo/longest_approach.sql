-- The longest approach within a time range that touched its level, just before the touch
select
    level_id,
    greatest(
        first_window_end_ts,
        least(last_window_end_ts, time_bucket(interval 5 second, touch_ts::timestamp))
    ) as at
from gold.approach_episodes
where
    symbol = $symbol
    and dt = $dt
    and first_window_end_ts >= $start_ts
    and last_window_end_ts < $end_ts
    and touched
order by n_windows desc, first_window_end_ts, level_id
limit 1;
