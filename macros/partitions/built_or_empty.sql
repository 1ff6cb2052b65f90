{#
    A model, or its columns without rows where it was never built: a lake built without options
    has all that lies before them.
#}
{% macro built_or_empty(name) -%}
    {%- set relation = ref(name) -%}
    {%- if execute and load_relation(relation) is none -%}
        {{ empty_relation(contract_columns(name)) }}
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
