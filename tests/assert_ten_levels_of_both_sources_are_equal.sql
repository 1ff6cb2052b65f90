-- The book rebuilt from orders shows the ten levels that the vendor publishes: price, size and
-- orders of every level at the end of every second that both sources have. A difference means that
-- one of them is wrong.
{{ config(severity='warn') }}

{% set levels = book_level_names() %}

with

seconds as (
    select * from {{ ref('market_book_1s') }}
    where {{ untested_partitions('market_book_1s') }}
),

levels as (
    select
        symbol,
        dt,
        window_end_ts,
        source,
        is_valid_end,
        row({{ levels | join(', ') }}) as ten_levels
    from seconds
)

select
    by_order.symbol,
    by_order.dt,
    by_order.window_end_ts
from levels as by_order
inner join levels as by_price
    on
        by_order.symbol = by_price.symbol
        and by_order.dt = by_price.dt
        and by_order.window_end_ts = by_price.window_end_ts
        and by_order.source = 'mbo'
        and by_price.source = 'mbp10'
where
    by_order.is_valid_end
    and by_price.is_valid_end
    and by_order.ten_levels is distinct from by_price.ten_levels
