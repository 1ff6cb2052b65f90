{# What dbt's graph calls a model. #}
{% macro model_id(name) -%}
    {{ return('model.' ~ project_name ~ '.' ~ name) }}
{%- endmacro %}
