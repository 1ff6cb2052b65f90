-- One row per contract-day with recording gaps.
-- gaps, gap_s: number of gaps, and their total seconds.
select
    symbol,
    dt,
    count(*) as gaps,
    cast(sum(date_diff('second', gap_start_ts, gap_end_ts)) as bigint) as gap_s
from silver.recording_gaps
group by symbol, dt
order by symbol, dt
