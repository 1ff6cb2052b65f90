{#
    A model, or its empty columns where it was never built, as options in a lake without them.
#}
{% macro built_or_empty(name) -%}
    {%- set relation = ref(name) -%}
    {%- if execute and load_relation(relation) is none -%}
        {{ empty_relation(contract_columns(name)) }}
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
