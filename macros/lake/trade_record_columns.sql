{# Stored columns that landed trades and updates of prices share, with their types. #}
{% macro trade_record_columns() -%}
    {{ return({
        'rec_ordinal': 'bigint',
        'ts_event': 'timestamp_ns',
        'ts_recv': 'timestamp_ns',
        'ts_in_delta': 'integer',
        'rtype': 'utinyint',
        'publisher_id': 'usmallint',
        'instrument_id': 'uinteger',
        'action': 'varchar',
        'side': 'varchar',
        'depth': 'utinyint',
        'price_int': 'bigint',
        'size': 'uinteger',
        'flags': 'utinyint',
        'sequence': 'uinteger',
    }) }}
{%- endmacro %}
