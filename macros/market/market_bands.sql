{#
    Names of the bands of distance from the microprice, as they stand in names of columns; var
    market_bands holds their ends.
#}
{% macro market_bands() -%}
    {{ return(var('market_bands').keys() | list) }}
{%- endmacro %}
