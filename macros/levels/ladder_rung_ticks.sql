{# Height of a rung of the ladder in ticks of an instrument, a row of seed instruments. #}
{% macro ladder_rung_ticks(instrument) -%}
    cast(
        round(
            coalesce({{ instrument }}.ladder_step, {{ var('ladder_rung_points') }})
            / {{ instrument }}.tick_size
        ) as integer
    )
{%- endmacro %}
