{{ partitioned_by('book_engine_manifest', storage='table', every_day=true) }}

with written as (
    select * from {{ kept_rows('book_engine_manifest', 'book_snapshot_1s') }}
)

select
    symbol,
    dt,
    window_start_ts,
    window_start_ts + interval 1 second as window_end_ts,
    best_bid_price_int,
    best_ask_price_int,
    {{ points('best_bid_price_int') }} as best_bid_price,
    {{ points('best_ask_price_int') }} as best_ask_price,
    best_bid_qty,
    best_ask_qty,
    (best_bid_price_int + best_ask_price_int) // 2 as mid_price_int,
    (best_bid_price_int + best_ask_price_int) / 2e9 as mid_price,
    (
        {{ points('best_ask_price_int') }} * best_bid_qty
        + {{ points('best_bid_price_int') }} * best_ask_qty
    ) / (best_bid_qty + best_ask_qty) as microprice,
    last_trade_price_int,
    {{ points('last_trade_price_int') }} as last_trade_price,
    spot_ref_price_int,
    {{ points('spot_ref_price_int') }} as spot_ref_price,
    spot_source,
    trade_count,
    trade_qty_buy,
    trade_qty_sell,
    trade_qty_none,
    n_records,
    n_groups,
    bid_depth_total,
    ask_depth_total,
    bid_order_count,
    ask_order_count,
    bid_outside_depth_start,
    bid_outside_depth_end,
    bid_outside_add,
    bid_outside_pull,
    bid_outside_fill,
    bid_outside_reset,
    ask_outside_depth_start,
    ask_outside_depth_end,
    ask_outside_add,
    ask_outside_pull,
    ask_outside_fill,
    ask_outside_reset,
    invalid_flags,
    invalid_flags & 7 = 0 as book_valid,
    invalid_flags = 0 as window_valid
from written
