-- Built contract-days with their first and last window
select
    symbol,
    dt,
    epoch_ns(min(window_end_ts)) as first_window_end_ts_ns,
    epoch_ns(max(window_end_ts)) as last_window_end_ts_ns,
    count(*) as seconds
from silver.book_snapshot_1s
group by all
order by symbol, dt;
