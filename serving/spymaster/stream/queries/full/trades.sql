-- Prints of a range of seconds; a print belongs to the second in which it happened
with

contract_days as (
    select
        symbol,
        dt,
        book_source
    from silver.contract_days
),

by_order as (
    select future_mbo.*
    from bronze.future_mbo as future_mbo
    semi join contract_days
        on
            future_mbo.symbol = contract_days.symbol
            and future_mbo.dt = contract_days.dt
            and contract_days.book_source = 'mbo'
),

-- without the columns that only a record of an order has
by_price as (
    select
        market_by_price_10.symbol,
        market_by_price_10.dt,
        market_by_price_10.rec_ordinal,
        market_by_price_10.ts_event,
        market_by_price_10.ts_recv,
        market_by_price_10.instrument_id,
        market_by_price_10.action,
        market_by_price_10.side,
        market_by_price_10.price_int,
        market_by_price_10.price_int / 1e9 as price,
        market_by_price_10.size,
        market_by_price_10.flags,
        market_by_price_10.is_last,
        market_by_price_10.is_tob,
        market_by_price_10.is_snapshot,
        market_by_price_10.is_mbp,
        market_by_price_10.is_bad_ts_recv,
        market_by_price_10.is_maybe_bad_book,
        market_by_price_10.sequence
    from bronze.market_by_price_10 as market_by_price_10
    semi join contract_days
        on
            market_by_price_10.symbol = contract_days.symbol
            and market_by_price_10.dt = contract_days.dt
            and contract_days.book_source = 'mbp10'
),

prints as (
    select * from by_order
    union all by name
    select * from by_price
)

select
    *,
    (epoch_ns(ts_event) // 1000000000 + 1) * 1000000000 as window_end_ts_ns
from prints
where
    symbol = $symbol
    and dt = $dt
    and ts_event >= $start_ts
    and ts_event < $end_ts
    and action = 'T'
    and size > 0
order by window_end_ts_ns, rec_ordinal;
