-- The last trade with a price up to the end of a second
select
    rec_ordinal,
    ts_event,
    price_int,
    size,
    side
from steps.contract_trades
where
    symbol = $symbol
    and dt = $dt
    and window_start_ts < $window_end_ts
    and price_int is not null
order by trade_no desc
limit 1;
