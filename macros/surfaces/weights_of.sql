{# Columns of the weights of a group of seed physics_weights, each under its own name. #}
{% macro weights_of(group, names) -%}
    {%- for name in names %}
        max(weight) filter (weight_group = '{{ group }}' and weight_name = '{{ name }}')
            as {{ name }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
