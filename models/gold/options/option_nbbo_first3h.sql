{{ config(materialized='view') }}

with records as (
    select * from {{ ref('option_nbbo_clean') }}
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
    bid_px_int,
    ask_px_int,
    bid_sz,
    ask_sz,
    mid_price
from records
where {{ in_session('cast(ts_event as timestamp)', 'rth_study') }}
