with landed as (
    select *
    from {{ read_landed_table('shared', 'instrument_definitions', 'instrument_definitions') }}
)

select
    symbol,
    dt,
    rec_ordinal,
    instrument_id,
    raw_symbol,
    asset,
    "group",
    exchange,
    instrument_class,
    security_type,
    security_update_action,
    underlying,
    underlying_id,
    expiration,
    maturity_year,
    maturity_month,
    maturity_day,
    maturity_week,
    strike_price_int,
    strike,
    min_price_increment_int,
    unit_of_measure_qty,
    contract_multiplier,
    currency,
    ts_event,
    ts_recv,
    ts_recv as valid_from,
    coalesce(
        lead(ts_recv) over (
            partition by symbol, dt, instrument_id
            order by rec_ordinal
        ),
        cast(cast(dt as timestamp) + interval 1 day as timestamp_ns)
    ) as valid_to
from landed
