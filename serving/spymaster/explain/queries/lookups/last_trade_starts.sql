-- The second of the last trade, where a bar without one carries its price
select max(window_start_ts)
from steps.contract_trades
where
    $carries_trade
    and symbol = $symbol
    and dt = $dt
    and window_start_ts < $to_ts
    and price_int is not null;
