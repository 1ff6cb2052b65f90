{# Statement that writes a file of seconds without rows, which gives the columns. #}
{% macro empty_market_seconds() -%}
    {{ market_seconds_call('null', 'null', 1, 0) }}
{%- endmacro %}
