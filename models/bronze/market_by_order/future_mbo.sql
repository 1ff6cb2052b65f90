{% set stored_columns = {
    'rec_ordinal': 'bigint',
    'ts_event': 'timestamp_ns',
    'ts_recv': 'timestamp_ns',
    'ts_in_delta': 'integer',
    'rtype': 'utinyint',
    'publisher_id': 'usmallint',
    'instrument_id': 'uinteger',
    'channel_id': 'utinyint',
    'order_id': 'ubigint',
    'action': 'varchar',
    'side': 'varchar',
    'price_int': 'bigint',
    'size': 'uinteger',
    'flags': 'utinyint',
    'sequence': 'uinteger',
} %}

with landed as (
    select * from {{ read_partitions(landed_files('future', 'mbo'), stored_columns) }}
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
    price_int / 1e9 as price,
    cast(size as bigint) as size,
    flags,
    {{ flag_columns('flags') }},
    sequence
from landed
