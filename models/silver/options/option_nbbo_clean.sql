{{ config(materialized='view') }}

with nbbo as (
    select * from {{ ref('option_nbbo') }}
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
    {{ points('strike_price_int') }} as strike,
    expiration,
    bid_px_int,
    ask_px_int,
    bid_sz,
    ask_sz,
    (bid_px_int + ask_px_int) / 2e9 as mid_price
from nbbo
where ask_px_int > bid_px_int
