{#
    Minimum price increment of an outright future's symbol, BIGINT in 1e-9 price units, from seed
    instruments; NULL for a product that is not in it.
#}
{% macro tick_int(symbol) -%}
    (
        select instruments.tick_int
        from {{ ref('instruments') }} as instruments
        where instruments.root = {{ root_of(symbol) }}
    )
{%- endmacro %}
