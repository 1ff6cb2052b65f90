{#
    The band of a distance from a level that has a usual size of its own: its far end in ticks,
    from var condition_distances_ticks; NULL beyond. At the level counts as next to it.
#}
{% macro condition_distance(k_ticks) -%}
    case
        {%- for far_end in var('condition_distances_ticks') %}
            when abs({{ k_ticks }}) <= {{ far_end }} then {{ far_end }}
        {%- endfor %}
    end
{%- endmacro %}
