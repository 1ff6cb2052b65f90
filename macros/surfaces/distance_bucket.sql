{#
    Name of the distance bucket (at, near, mid, far) of a signed or unsigned distance from the
    anchor in ticks, from var distance_buckets; NULL beyond the zone.
#}
{% macro distance_bucket(ticks) -%}
    case
        {%- for name, bounds in var('distance_buckets').items() %}
            when abs({{ ticks }}) between {{ bounds[0] }} and {{ bounds[1] }} then '{{ name }}'
        {%- endfor %}
    end
{%- endmacro %}
