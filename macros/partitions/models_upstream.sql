{# Unique ids of the models that a node reads, directly or through others. #}
{% macro models_upstream(unique_id) -%}
    {%- set found = [] -%}
    {%- set open = [unique_id] -%}
    {%- for _ in graph.nodes -%}
        {%- if open -%}
            {%- set parents = graph.nodes[open.pop()].depends_on.nodes
                | select('in', graph.nodes) | reject('in', found) | list -%}
            {%- do found.extend(parents) -%}
            {%- do open.extend(parents) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
