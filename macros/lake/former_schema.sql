{#
    The schema in which a step of a calculation lay before there was a schema for steps; none of any
    other relation.
#}
{% macro former_schema(node) -%}
    {{ return(node.config.schema if node.schema == 'steps' else none) }}
{%- endmacro %}
