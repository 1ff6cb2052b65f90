{#
    CTEs of the trades of a contract-day as an argument of first_hits: `trade_list`, one row. The
    caller names the relation `contract_day`.
#}
{% macro label_trades() -%}
    trades as (
        select
            contract_trades.trade_no,
            cast(epoch(contract_trades.window_start_ts) as bigint) as window_s,
            contract_trades.price_int // contract_day.tick_int as trade_tick,
            epoch_ns(contract_trades.ts_event) as ts_event_ns
        from {{ ref('contract_trades') }} as contract_trades
        cross join contract_day
        where
            {{ in_partition('contract_trades.symbol', 'contract_trades.dt') }}
            and contract_trades.price_int is not null
    ),

    -- in any order: the kernel puts them in that of trade_no. A day may have quotes, and with them
    -- decisions, but no trade
    trade_list as (
        select
            coalesce(
                list(struct_pack(
                    trade_no := trade_no,
                    window_s := window_s,
                    trade_tick := trade_tick,
                    ts_event_ns := ts_event_ns
                )),
                []
            ) as trades
        from trades
    )
{%- endmacro %}
