{#
    Features of volatility, columns of level_offset_1s: distance of the level in standard deviations
    of price, and that deviation.
#}
{% macro volatility_features() -%}
    {{ return(['k_vol', 'sigma_1s_ticks']) }}
{%- endmacro %}
