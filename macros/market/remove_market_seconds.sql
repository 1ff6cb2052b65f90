{# Statement that removes the file of seconds. #}
{% macro remove_market_seconds() -%}
    select remove_file('{{ market_seconds_file() }}')
{%- endmacro %}
