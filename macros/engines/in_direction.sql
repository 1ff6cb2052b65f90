{#
    A reading as far as it points in the break direction of its row, else 0; so is one that is not
    known: nothing traded.
#}
{% macro in_direction(reading) -%}
    greatest(coalesce(if(levels.break_direction = 'UP', 1, -1) * {{ reading }}, 0), 0)
{%- endmacro %}
