{# Stored columns of the contract terms that landing adds to the records of options. #}
{% macro option_term_columns() -%}
    {{ return({
        'option_symbol': 'varchar',
        '"right"': 'varchar',
        'strike_price_int': 'bigint',
        'expiration': 'timestamp_ns',
    }) }}
{%- endmacro %}
