{# The data tests that read a model. #}
{% macro tests_of(unique_id) -%}
    {%- set tests = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'test'
        and unique_id in node.depends_on.nodes -%}
        {%- do tests.append(node) -%}
    {%- endfor -%}
    {{ return(tests) }}
{%- endmacro %}
