{# Unique id of a model in dbt's graph. #}
{% macro model_id(name) -%}
    {{ return('model.' ~ project_name ~ '.' ~ name) }}
{%- endmacro %}
