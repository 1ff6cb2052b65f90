{# Stored columns of the landed best quotes, with their types. #}
{% macro quote_update_columns() -%}
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
        'bid_px_int': 'bigint',
        'ask_px_int': 'bigint',
        'bid_sz': 'uinteger',
        'ask_sz': 'uinteger',
        'bid_ct': 'uinteger',
        'ask_ct': 'uinteger',
    }) }}
{%- endmacro %}
