with landed as (
    select * from {{ read_landed_table('future', 'mbo', 'future_mbo') }}
)

select
    symbol,
    dt,
    rec_ordinal,
    ts_event,
    ts_recv,
    ts_in_delta,
    rtype,
    channel_id,
    publisher_id,
    instrument_id,
    order_id,
    action,
    side,
    price_int,
    {{ points('price_int') }} as price,
    cast(size as bigint) as size,
    flags,
    {{ flag_columns('flags') }},
    sequence
from landed
