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
    cast(bid_ct as bigint) as bid_ct,
    cast(ask_ct as bigint) as ask_ct
from landed
