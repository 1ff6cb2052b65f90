{% set stored_columns = {
    'rec_ordinal': 'bigint',
    'ts_event': 'timestamp_ns',
    'ts_recv': 'timestamp_ns',
    'rtype': 'utinyint',
    'publisher_id': 'usmallint',
    'instrument_id': 'uinteger',
    'action': 'usmallint',
    'reason': 'usmallint',
    'trading_event': 'usmallint',
    'is_trading': 'varchar',
    'is_quoting': 'varchar',
    'is_short_sell_restricted': 'varchar',
} %}

with landed as (
    select * from {{ read_partitions(landed_files('future', 'status'), stored_columns) }}
)

select
    symbol,
    dt,
    rec_ordinal,
    ts_event,
    ts_recv,
    instrument_id,
    action,
    reason,
    trading_event,
    case is_trading when 'Y' then true when 'N' then false end as is_trading,
    case is_quoting when 'Y' then true when 'N' then false end as is_quoting,
    case is_short_sell_restricted when 'Y' then true when 'N' then false end
        as is_short_sell_restricted
from landed
