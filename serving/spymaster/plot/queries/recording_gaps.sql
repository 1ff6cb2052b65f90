-- First and last second that a gap in the recording touches
select
    date_diff('second', $start_ts, date_trunc('second', gap_start_ts)) as first_second,
    date_diff('second', $start_ts, date_trunc('second', gap_end_ts)) as last_second
from silver.recording_gaps
where
    symbol = $symbol
    and dt in $days
    and gap_start_ts < $end_ts
    and gap_end_ts > $start_ts
order by gap_start_ts;
