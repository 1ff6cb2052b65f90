{#
    Least quantity that must rest at the start and change for a condition read from market by price:
    condition_min_contracts lots. A contract is a lot of its own; shares come in lots.
#}
{% macro net_least_qty() -%}
    {{ return(var('condition_min_contracts') * var('condition_lot_qty')) }}
{%- endmacro %}
