-- noqa: disable=AM04
-- Trades are assigned to seconds by counts in file order; an extra or missing record would shift
-- all later trades.
with

trades as (
    select
        symbol,
        dt,
        window_start_ts,
        count(*) as trade_count,
        sum(size) as trade_qty
    from {{ ref('contract_trades') }}
    where {{ untested_partitions('contract_trades') }}
    group by symbol, dt, window_start_ts
),

seconds as (
    select
        symbol,
        dt,
        window_start_ts,
        trade_count,
        trade_qty_buy + trade_qty_sell + trade_qty_none as trade_qty
    from {{ ref('book_snapshot_1s') }}
    where
        trade_count > 0
        and {{ untested_partitions('contract_trades') }}
),

differences as (
    (
        select * from trades
        except all
        select * from seconds
    )
    union all
    (
        select * from seconds
        except all
        select * from trades
    )
)

select * from differences
