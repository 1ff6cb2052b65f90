{{ config(materialized='view') }}

with records as (
    select * from {{ ref('option_trades_clean') }}
)

select
    symbol,
    dt,
    rec_ordinal,
    ts_event,
    ts_recv,
    ts_event_ny,
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
from records
where {{ in_session('cast(ts_event as timestamp)', 'rth_study') }}
