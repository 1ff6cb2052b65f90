{#
    The features of one direction of approach (down or up) as names in the order of a row of its
    trigger vector: each feature with its three differences. f* describe price coming down, u* price
    coming up.
#}
{% macro vector_rows(direction) -%}
    {%- set names = [] -%}
    {%- set family = {'down': 'f', 'up': 'u'}[direction] -%}
    {%- for feature in radar_features() if feature.startswith(family) -%}
        {%- for prefix in ['', 'd1_', 'd2_', 'd3_'] -%}
            {%- do names.append(prefix ~ feature) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
