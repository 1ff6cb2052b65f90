{#
    Far end in ticks of the distance band of a level, from var condition_distances_ticks; each band
    has its own usual size. NULL beyond. Distance 0 counts as the nearest band.
#}
{% macro condition_distance(k_ticks) -%}
    case
        {%- for far_end in var('condition_distances_ticks') %}
            when abs({{ k_ticks }}) <= {{ far_end }} then {{ far_end }}
        {%- endfor %}
    end
{%- endmacro %}
