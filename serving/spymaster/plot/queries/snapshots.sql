-- Quotes, spot, volume and validity of every second
select
    date_diff('second', $start_ts, window_start_ts) as second,
    best_bid_price_int,
    best_ask_price_int,
    spot_ref_price_int,
    trade_qty_buy,
    trade_qty_sell,
    bid_outside_depth_end,
    ask_outside_depth_end,
    window_valid
from silver.book_snapshot_1s
where
    symbol = $symbol
    and dt in $days
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
order by second;
