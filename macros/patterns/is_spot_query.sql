{# True for the ends of windows that enter the library of spot and are judged: var spot_every_s. #}
{% macro is_spot_query(window_end_ts) -%}
    epoch_us({{ window_end_ts }}) % {{ var('spot_every_s') * 1000000 }} = 0
{%- endmacro %}
