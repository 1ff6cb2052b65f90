with definitions as (
    select * from {{ ref('instrument_definitions') }}
),

latest as (
    select
        *,
        row_number() over (
            partition by symbol, dt, underlying, raw_symbol
            order by rec_ordinal desc
        ) as recency
    from definitions
    where instrument_class in ('C', 'P')
)

select
    underlying as symbol,
    dt,
    raw_symbol as option_symbol,
    symbol as root,
    instrument_id,
    instrument_class as "right",
    strike_price_int,
    {{ points('strike_price_int') }} as strike,
    expiration,
    cast({{ ny_date('expiration') }} - dt as integer) as days_to_expiry,
    unit_of_measure_qty as multiplier,
    -- quarterly options have the product name of the future
    asset = symbol as is_american
from latest
where recency = 1
