{# Vars as JSON, under their names. #}
{% macro vars_as_json(names) -%}
    {%- set values = {} -%}
    {%- for name in names -%}
        {%- do values.update({name: var(name)}) -%}
    {%- endfor -%}
    {{ return(tojson(values)) }}
{%- endmacro %}
