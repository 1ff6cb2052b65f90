{# Mean distance of a side's depth from the anchor in ticks; the zone's width when it is empty. #}
{% macro centre_of_mass(side, moment) -%}
    coalesce(
        {{ side }}_distance_qty_{{ moment }} / nullif({{ side }}_depth_{{ moment }}, 0),
        {{ zone_ticks() }}
    )
{%- endmacro %}
