{#
    Name of the distance band (1-2, 3-4 ...) of a signed or unsigned distance from a level in
    ticks, from var distance_bands; NULL at the level itself.
#}
{% macro distance_band(k_ticks) -%}
    case
        {%- for name, bounds in var('distance_bands').items() %}
            when
                abs({{ k_ticks }}) >= {{ bounds[0] }}
                {%- if bounds[1] is not none %} and abs({{ k_ticks }}) <= {{ bounds[1] }}{% endif %}
                then '{{ name }}'
        {%- endfor %}
    end
{%- endmacro %}
