-- Gaps in the recording, each at the first second that it touches
select
    *,
    (epoch_ns(gap_start_ts) // 1000000000 + 1) * 1000000000 as window_end_ts_ns
from silver.recording_gaps
where
    symbol = $symbol
    and dt = $dt
    and gap_start_ts >= $start_ts
    and gap_start_ts < $end_ts
order by gap_start_ts;
