{{ config(materialized='view') }}

with trades as (
    select * from {{ ref('option_trades') }}
)

select
    symbol,
    dt,
    rec_ordinal,
    ts_event,
    ts_recv,
    {{ ny_local('cast(ts_event as timestamp)') }} as ts_event_ny,
    option_symbol,
    "right",
    strike_price_int,
    strike,
    expiration,
    price_int,
    price,
    size,
    aggressor,
    opt_bid,
    opt_ask
from trades
where price_int is not null and size > 0
