{# ln((numerator + 1) / (denominator + 1)): 1 contract, or 1 tick, keeps it finite. #}
{% macro log_ratio(numerator, denominator) -%}
    ln(({{ numerator }} + 1) / ({{ denominator }} + 1))
{%- endmacro %}
