-- Decisions to signal of a range of seconds
select
    date_diff('second', cast($dt as timestamp), trigger_ts) as second,
    level_id,
    signal,
    fire_flag,
    block_reason,
    verdict
from gold.mbo_trigger_signals
where
    symbol = $symbol
    and dt = $dt
    and trigger_ts > $start_ts
    and trigger_ts <= $end_ts
order by trigger_ts, level_id, approach_dir;
