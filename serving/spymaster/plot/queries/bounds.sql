-- First and last second of the partitions
select
    min(window_start_ts) as first_ts,
    max(window_end_ts) as end_ts
from silver.book_snapshot_1s
where
    symbol = $symbol
    and dt in $days;
