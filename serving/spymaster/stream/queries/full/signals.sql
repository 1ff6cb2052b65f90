-- Decisions to signal of a range of seconds
select
    *,
    epoch_ns(trigger_ts) as window_end_ts_ns
from gold.mbo_trigger_signals
where
    symbol = $symbol
    and dt = $dt
    and trigger_ts > $start_ts
    and trigger_ts <= $end_ts
order by trigger_ts, level_id, approach_dir;
