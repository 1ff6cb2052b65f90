-- Odds of a range of seconds, each at its decision, for the horizon that serving shows
select
    *,
    epoch_ns(window_end_ts) as window_end_ts_ns
from gold.retrieval_outcomes
where
    symbol = $symbol
    and dt = $dt
    and window_end_ts > $start_ts
    and window_end_ts <= $end_ts
    and horizon_id in (select horizon_id from gold.retrieval_settings)
order by window_end_ts, level_id, vector_id;
