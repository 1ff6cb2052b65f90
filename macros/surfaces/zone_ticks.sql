{# Half width of the zone in ticks: the far end of the last distance bucket. #}
{% macro zone_ticks() -%}
    {{ return(var('distance_buckets').values() | map('last') | max) }}
{%- endmacro %}
