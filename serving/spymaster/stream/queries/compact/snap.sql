-- Quotes, spot and volume of a range of seconds
select
    date_diff('second', cast($dt as timestamp), window_end_ts) as second,
    spot_ref_price_int // $tick_int as spot_tick,
    best_bid_price_int // $tick_int as bid_tick,
    best_ask_price_int // $tick_int as ask_tick,
    best_bid_qty as bid_qty,
    best_ask_qty as ask_qty,
    trade_qty_buy as buy_qty,
    trade_qty_sell as sell_qty,
    window_valid
from silver.book_snapshot_1s
where
    symbol = $symbol
    and dt = $dt
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
order by window_start_ts;
