{# Stored columns of the landed best quotes, with their types. #}
{% macro quote_update_columns() -%}
    {%- set columns = trade_record_columns() -%}
    {%- do columns.update({
        'bid_px_int': 'bigint',
        'ask_px_int': 'bigint',
        'bid_sz': 'uinteger',
        'ask_sz': 'uinteger',
        'bid_ct': 'uinteger',
        'ask_ct': 'uinteger',
    }) -%}
    {{ return(columns) }}
{%- endmacro %}
