{#
    The features of a row of a spot vector in order: every liquidity feature, f and u, with its
    three differences.
#}
{% macro spot_vector_rows() -%}
    {%- set names = [] -%}
    {%- for feature in radar_features() -%}
        {%- for prefix in ['', 'd1_', 'd2_', 'd3_'] -%}
            {%- do names.append(prefix ~ feature) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
