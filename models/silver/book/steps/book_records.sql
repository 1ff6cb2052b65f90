with

engine_input as (
    select
        symbol,
        dt,
        book_source
    from {{ ref('book_engine_input') }}
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
    semi join engine_input
        on
            future_mbo.symbol = engine_input.symbol
            and future_mbo.dt = engine_input.dt
            and engine_input.book_source = 'mbo'
),

by_price as (
    select market_by_price_10.*
    from market_by_price_10
    semi join engine_input
        on
            market_by_price_10.symbol = engine_input.symbol
            and market_by_price_10.dt = engine_input.dt
            and engine_input.book_source = 'mbp10'
)

select * from by_order
union all
select * from by_price
