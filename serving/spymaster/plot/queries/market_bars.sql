-- Bars of market features with a second in the range; the first and the last may begin before it or
-- end after it
select
    date_diff('second', $start_ts, bar_start_ts) as first_second,
    date_diff('second', $start_ts, bar_end_ts) as end_second,
    is_valid,
    ofi_l1_sum,
    rv_60s_ticks,
    rv_300s_ticks
from silver.market_by_price_10_bar5s
where
    symbol = $symbol
    and dt in $days
    and bar_end_ts > $start_ts
    and bar_start_ts < $end_ts
order by first_second;
