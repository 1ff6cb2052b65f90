with landed as (
    select * from {{ read_landed_table('future_option', 'nbbo', 'option_nbbo') }}
)

select
    symbol,
    dt,
    rec_ordinal,
    ts_event,
    ts_recv,
    instrument_id,
    flags,
    sequence,
    option_symbol,
    "right",
    strike_price_int,
    expiration,
    bid_px_int,
    ask_px_int,
    cast(bid_sz as bigint) as bid_sz,
    cast(ask_sz as bigint) as ask_sz
from landed
