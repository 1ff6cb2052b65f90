-- Gaps in the recording around a decision, in seconds since it
select
    (epoch_ns(gap_start_ts) - epoch_ns(cast($at as timestamp))) / 1e9 as start_s,
    (epoch_ns(gap_end_ts) - epoch_ns(cast($at as timestamp))) / 1e9 as end_s
from silver.recording_gaps
where
    symbol = $symbol
    and dt = $dt
    and gap_start_ts < cast($at as timestamp) + to_seconds($after_s)
    and gap_end_ts > cast($at as timestamp) - to_seconds($before_s)
order by start_s;
