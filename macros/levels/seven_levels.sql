{# Levels that the columns of an event describe, whatever levels are in use. #}
{% macro seven_levels() -%}
    {{ return(['pm_high', 'pm_low', 'or_high', 'or_low', 'sma_90', 'sma_200', 'sma_400']) }}
{%- endmacro %}
