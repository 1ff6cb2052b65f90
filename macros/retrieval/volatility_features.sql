{#
    What retrieval knows besides the context of a trigger vector, columns of level_offset_1s: how
    far the level is in standard deviations of price, and that deviation.
#}
{% macro volatility_features() -%}
    {{ return(['k_vol', 'sigma_1s_ticks']) }}
{%- endmacro %}
