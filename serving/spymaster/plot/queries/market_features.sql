-- Market features at the end of every second
select
    date_diff('second', $start_ts, window_start_ts) as second,
    is_valid,
    spread_ticks,
    book_imbalance_l1,
    book_imbalance_l10
from silver.market_features_1s
where
    symbol = $symbol
    and dt in $days
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
order by second;
