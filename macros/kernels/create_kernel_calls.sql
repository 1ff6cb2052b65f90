{#
    meta.kernel_calls: the statement that runs the kernel of a partitioned model, with the
    placeholders of its partition. One row per relation. Paths are relative to the lake.
#}
{% macro create_kernel_calls() -%}
    {%- if execute -%}
        {%- do run_statement(
            'create table if not exists meta.kernel_calls '
            ~ '(relation varchar primary key, kernel varchar, sql varchar)'
        ) -%}
        {%- do run_statement(
            "comment on table meta.kernel_calls is 'Statement that runs the kernel of a model, "
            ~ "with the placeholders of its partition. One row per relation.'"
        ) -%}
        {%- set known = [] -%}
        {%- for node in graph.nodes.values() if (node.config.get('meta') or {}).get('kernel') -%}
            {%- do known.append(node.schema ~ '.' ~ node.alias) -%}
        {%- endfor -%}
        {%- do run_statement(
            "delete from meta.kernel_calls where relation not in ('" ~ known | join("', '") ~ "')"
        ) -%}
    {%- endif -%}
{%- endmacro %}
