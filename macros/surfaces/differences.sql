{#
    The first, second and third differences of names over windows, as columns d1_, d2_ and d3_, from
    the columns of earlier_values(). NULL when a window before is missing.
#}
{% macro differences(names) -%}
    {%- for name in names %}
        case when is_known_1 then {{ name }} - {{ name }}_1 end as d1_{{ name }},
    {%- endfor %}
    {%- for name in names %}
        case
            when is_known_2 then {{ name }} - {{ name }}_1 - ({{ name }}_1 - {{ name }}_2)
        end as d2_{{ name }},
    {%- endfor %}
    {%- for name in names %}
        case
            when is_known_3
                then
                    {{ name }} - {{ name }}_1 - ({{ name }}_1 - {{ name }}_2)
                    - ({{ name }}_1 - {{ name }}_2 - ({{ name }}_2 - {{ name }}_3))
        end as d3_{{ name }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
