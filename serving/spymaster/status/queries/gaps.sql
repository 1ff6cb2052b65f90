-- One row per contract-day in which something was not recorded.
-- gaps, gap_s: how many gaps, and their seconds in all.
select
    symbol,
    dt,
    count(*) as gaps,
    cast(sum(date_diff('second', gap_start_ts, gap_end_ts)) as bigint) as gap_s
from silver.recording_gaps
group by symbol, dt
order by symbol, dt
