{#
    Columns that differences need: of each name the values of the one to three windows before, and
    whether these windows are there. In a query with a window `windows` that orders rows by
    window_start_ts; windows have `window_s` seconds.
#}
{% macro earlier_values(names, window_s) -%}
    {%- for k in [1, 2, 3] %}
        lag(window_start_ts, {{ k }}) over windows
        = window_start_ts - interval {{ k * window_s }} second as is_known_{{ k }},
        {%- for name in names %}
            lag({{ name }}, {{ k }}) over windows
                as {{ name }}_{{ k }}{{ "," if not (loop.last and k == 3) }}
        {%- endfor %}
    {%- endfor %}
{%- endmacro %}
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
