-- Of each session behind the levels a trade at its highest and at its lowest price so far, and the
-- trades of the seconds themselves
with

kinds as (
    select distinct level_kind
    from silver.level_definitions
    where $all_levels or list_contains($level_ids, level_id)
),

sessions as (
    select unnest($ranges, recursive := true)
),

trades as (
    select
        trades.*,
        sessions.level_kind
    from steps.contract_trades as trades
    inner join sessions
        on
            trades.window_start_ts >= sessions.start_ts
            and trades.window_start_ts < sessions.end_ts
    inner join kinds on sessions.level_kind = kinds.level_kind
    where
        trades.symbol = $symbol
        and trades.dt = $dt
        and trades.price_int is not null
        and trades.window_start_ts < $to_ts
),

extremes as (
    select unnest([arg_max(trade_no, price_int), arg_min(trade_no, price_int)]) as trade_no
    from trades
    where window_start_ts < $from_end_ts
    group by level_kind
)

select distinct trades.trade_no
from trades
where
    trades.window_start_ts >= $from_end_ts
    or trades.trade_no in (select extremes.trade_no from extremes)
