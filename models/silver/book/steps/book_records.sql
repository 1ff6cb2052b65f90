with

contract_days as (
    select
        symbol,
        dt,
        book_source
    from {{ ref('contract_days') }}
),

{% set columns = ['symbol', 'dt', 'rec_ordinal', 'ts_event', 'ts_recv', 'action', 'side',
    'price_int', 'size', 'is_last', 'is_snapshot', 'is_maybe_bad_book'] %}
future_mbo as (
    select {{ columns | join(', ') }}
    from {{ ref('future_mbo') }}
),

market_by_price_10 as (
    select {{ columns | join(', ') }}
    from {{ ref('market_by_price_10') }}
),

by_order as (
    select future_mbo.*
    from future_mbo
    semi join contract_days
        on
            future_mbo.symbol = contract_days.symbol
            and future_mbo.dt = contract_days.dt
            and contract_days.book_source = 'mbo'
),

by_price as (
    select market_by_price_10.*
    from market_by_price_10
    semi join contract_days
        on
            market_by_price_10.symbol = contract_days.symbol
            and market_by_price_10.dt = contract_days.dt
            and contract_days.book_source = 'mbp10'
)

select * from by_order
union all
select * from by_price
