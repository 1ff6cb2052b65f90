-- Payloads of the stream levels.signals of a range of seconds
select
    *,
    epoch_ns(window_end_ts) as window_end_ts_ns
from gold.level_signals
where
    symbol = $symbol
    and dt = $dt
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
order by window_start_ts;
