{#
    Expression of what a view is made of: its text, and the columns of what it reads. The lake's
    root does not count: publication names the files by the lake.
#}
{% macro view_made_of(text, parents) -%}
    {%- set parts = ["'" ~ local_md5(text | replace(lake_root(), '') | trim) ~ "'"] -%}
    {%- for unique_id in parents if unique_id in graph.nodes -%}
        {%- set node = graph.nodes[unique_id] -%}
        {%- do parts.append(
            "coalesce((select shape from meta.relation_state where relation = '" ~ node.alias
            ~ "'), '" ~ columns_shape(node.columns) ~ "')"
        ) -%}
    {%- endfor -%}
    {{ return("md5(concat_ws('|', " ~ parts | join(', ') ~ '))') }}
{%- endmacro %}
