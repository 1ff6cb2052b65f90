{% set levels = ['00', '01', '02', '03', '04', '05', '06', '07', '08', '09'] %}
with landed as (
    select * from {{ read_landed_table('future', 'market_by_price_10', 'market_by_price_10') }}
)

select
    symbol,
    dt,
    rec_ordinal,
    ts_event,
    ts_recv,
    instrument_id,
    action,
    side,
    depth,
    price_int,
    cast(size as bigint) as size,
    flags,
    {{ flag_columns('flags') }},
    sequence,
    {{ level_columns(levels) }}
from landed
