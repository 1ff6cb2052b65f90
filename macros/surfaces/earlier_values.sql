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
