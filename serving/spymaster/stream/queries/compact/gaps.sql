-- Seconds that a gap in the recording touches
with

gaps as (
    select
        unnest(
            generate_series(
                date_diff('second', cast($dt as timestamp), cast(gap_start_ts as timestamp)) + 1,
                date_diff('second', cast($dt as timestamp), cast(gap_end_ts as timestamp)) + 1
            )
        ) as second
    from silver.recording_gaps
    where
        symbol = $symbol
        and dt = $dt
        and gap_start_ts < $end_ts
        and gap_end_ts >= $start_ts
)

select distinct second
from gaps
where
    second > date_diff('second', cast($dt as timestamp), $start_ts)
    and second <= date_diff('second', cast($dt as timestamp), $end_ts)
order by second;
