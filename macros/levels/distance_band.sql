{#
    Name of the distance band (1-2, 3-4 ...) of a signed or unsigned distance from a level in
    ticks, from var distance_bands; NULL at the level itself. Once price has come to the level:
    from var phase_distance_bands, by `phase`, SQL of a decision's phase.
#}
{% macro distance_band(k_ticks, phase=none) -%}
    case
        {%- if phase is not none %}
            {%- for phase_name, bands in var('phase_distance_bands').items() %}
                {%- for name, bounds in bands.items() %}
            when
                {{ phase }} = '{{ phase_name }}'
                and abs({{ k_ticks }}) >= {{ bounds[0] }}
                {%- if bounds[1] is not none %} and abs({{ k_ticks }}) <= {{ bounds[1] }}{% endif %}
                then '{{ name }}'
                {%- endfor %}
            {%- endfor %}
        {%- endif %}
        {%- for name, bounds in var('distance_bands').items() %}
            when
                abs({{ k_ticks }}) >= {{ bounds[0] }}
                {%- if bounds[1] is not none %} and abs({{ k_ticks }}) <= {{ bounds[1] }}{% endif %}
                then '{{ name }}'
        {%- endfor %}
    end
{%- endmacro %}
