{# Least-squares slope of a list of structs {x, y}; NULL with fewer than two. #}
{% macro slope_of(points) -%}
    {%- set mean = 'list_avg(list_transform(' ~ points ~ ', other -> other.x))' -%}
    list_sum(
        list_transform({{ points }}, point -> (point.x - {{ mean }}) * point.y)
    )
    / nullif(list_sum(
        list_transform(
            {{ points }}, point -> (point.x - {{ mean }}) * (point.x - {{ mean }})
        )
    ), 0)
{%- endmacro %}
