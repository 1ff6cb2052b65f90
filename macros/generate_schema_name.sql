{#
    Schemas are called bronze, silver, gold: no target prefix. A model in a folder `steps` is a step
    of a calculation, which other models read: it lies in the schema of that name.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if 'steps' in node.fqn[:-1] -%}
        steps
    {%- else -%}
        {{ custom_schema_name or target.schema }}
    {%- endif -%}
{%- endmacro %}
