-- Quotes, spot and volume of a range of seconds
select
    *,
    epoch_ns(window_end_ts) as window_end_ts_ns
from silver.book_snapshot_1s
where
    symbol = $symbol
    and dt = $dt
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
order by window_start_ts;
