with landed as (
    select * from {{ read_landed_table('future_option', 'mbo', 'option_mbo') }}
),

dated as (
    select
        *,
        cast({{ ny_date('expiration') }} - dt as integer) as days_to_expiry
    from landed
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
    sequence,
    option_symbol,
    symbol as underlying,
    "right",
    strike_price_int,
    {{ points('strike_price_int') }} as strike,
    expiration,
    days_to_expiry = 0 as is_0dte,
    days_to_expiry
from dated
where days_to_expiry <= {{ var('option_max_dte') }}
