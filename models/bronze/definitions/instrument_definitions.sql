{% set stored_columns = {
    'rec_ordinal': 'bigint',
    'ts_event': 'timestamp_ns',
    'ts_recv': 'timestamp_ns',
    'instrument_id': 'uinteger',
    'raw_symbol': 'varchar',
    'asset': 'varchar',
    '"group"': 'varchar',
    'exchange': 'varchar',
    'instrument_class': 'varchar',
    'security_type': 'varchar',
    'security_update_action': 'varchar',
    'underlying': 'varchar',
    'underlying_id': 'uinteger',
    'expiration': 'timestamp_ns',
    'maturity_year': 'usmallint',
    'maturity_month': 'utinyint',
    'maturity_day': 'utinyint',
    'maturity_week': 'utinyint',
    'strike_price_int': 'bigint',
    'strike': 'double',
    'min_price_increment_int': 'bigint',
    'unit_of_measure_qty': 'double',
    'contract_multiplier': 'integer',
    'currency': 'varchar',
} %}

with landed as (
    select *
    from {{ read_partitions(landed_files('shared', 'instrument_definitions'), stored_columns) }}
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
