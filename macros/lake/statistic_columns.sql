{# Stored columns of the landed statistics, with their types. #}
{% macro statistic_columns() -%}
    {{ return({
        'rec_ordinal': 'bigint',
        'ts_event': 'timestamp_ns',
        'ts_recv': 'timestamp_ns',
        'ts_in_delta': 'integer',
        'rtype': 'utinyint',
        'publisher_id': 'usmallint',
        'instrument_id': 'uinteger',
        'channel_id': 'usmallint',
        'stat_type': 'usmallint',
        'price_int': 'bigint',
        'quantity': 'bigint',
        'ts_ref': 'timestamp_ns',
        'update_action': 'utinyint',
        'stat_flags': 'utinyint',
        'sequence': 'uinteger',
    }) }}
{%- endmacro %}
