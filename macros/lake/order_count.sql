{# Orders at a price, NULL where a venue publishes a quantity without their number. #}
{% macro order_count(orders, quantity) -%}
    case when {{ orders }} > 0 or {{ quantity }} = 0 then cast({{ orders }} as bigint) end
{%- endmacro %}
