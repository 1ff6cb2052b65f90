{# Rows of seed level_weights whose levels have another value each second. #}
{% macro running_levels() -%}
    {{ return([
        'vwap', 'vwap_1sd_up', 'vwap_1sd_down', 'round', 'overnight_high', 'overnight_low',
        'call_wall', 'put_wall', 'gamma_flip',
    ]) }}
{%- endmacro %}
