-- Best quotes and spot around the open of the regular session
select
    strftime(timezone('America/New_York', timezone('UTC', window_end_ts)), '%H:%M:%S') as new_york,
    best_bid_qty,
    best_bid_price,
    best_ask_price,
    best_ask_qty,
    spot_ref_price,
    spot_source,
    trade_qty_buy,
    trade_qty_sell
from silver.book_snapshot_1s
where
    symbol = 'ESZ5'
    and window_end_ts between timestamp '2025-10-16 13:29:57' and timestamp '2025-10-16 13:30:05'
order by window_end_ts;
