{# Stored columns of landed market-by-order records, with their types. #}
{% macro order_record_columns() -%}
    {{ return({
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
    }) }}
{%- endmacro %}
