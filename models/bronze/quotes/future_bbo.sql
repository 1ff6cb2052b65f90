with landed as (
    select * from {{ read_landed_table('future', 'bbo', 'future_bbo') }}
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
    bid_px_int,
    ask_px_int,
    cast(bid_sz as bigint) as bid_sz,
    cast(ask_sz as bigint) as ask_sz,
    {{ order_count('bid_ct', 'bid_sz') }} as bid_ct,
    {{ order_count('ask_ct', 'ask_sz') }} as ask_ct
from landed
