{# Height of a rung of the ladder in ticks of an instrument. #}
{% macro ladder_rung_ticks(tick_size) -%}
    cast(round({{ var('ladder_rung_points') }} / {{ tick_size }}) as integer)
{%- endmacro %}
