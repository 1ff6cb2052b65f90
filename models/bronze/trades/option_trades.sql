{% set stored = {
    'side': 'varchar',
    'bid_px_int': 'bigint',
    'ask_px_int': 'bigint',
} %}

with landed as (
    select * from {{ read_landed_table('future_option', 'trades', 'option_trades', stored) }}
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
    symbol as underlying,
    "right",
    strike_price_int,
    {{ points('strike_price_int') }} as strike,
    expiration,
    price_int,
    {{ points('price_int') }} as price,
    cast(size as bigint) as size,
    cast(case side when 'B' then 1 when 'A' then -1 else 0 end as tinyint) as aggressor,
    {{ points('bid_px_int') }} as opt_bid,
    {{ points('ask_px_int') }} as opt_ask
from landed
