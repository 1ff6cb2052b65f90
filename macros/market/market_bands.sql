{#
    Bands of distance from the microprice in ticks, as they stand in the names of the columns of
    market_by_price_10_bar5s.
#}
{% macro market_bands() -%}
    {{ return(['0_4', '4_8', '8_12', '12_20', '20_40']) }}
{%- endmacro %}
