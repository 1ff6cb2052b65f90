with landed as (
    select * from {{ read_landed_table('future', 'trades', 'future_trades') }}
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
    price_int,
    {{ points('price_int') }} as price,
    cast(size as bigint) as size,
    side,
    cast(case side when 'B' then 1 when 'A' then -1 else 0 end as tinyint) as aggressor
from landed
