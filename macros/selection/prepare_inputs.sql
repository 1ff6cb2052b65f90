{#
    Selecting one layer must work on a fresh lake and read newly landed files. So this loads missing
    seeds that the selected models need, and recreates views that read no other model, because their
    list of files is fixed at creation. A full build checks their contracts and adds comments.
#}
{% macro prepare_inputs() -%}
    {%- if execute -%}
        {%- set needed = [] -%}
        {%- for unique_id in selected_resources if unique_id in graph.nodes -%}
            {%- for parent in graph.nodes[unique_id].depends_on.nodes
                if parent in graph.nodes and parent not in selected_resources
                and parent not in needed -%}
                {%- do needed.append(parent) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- for unique_id in needed -%}
            {%- set node = graph.nodes[unique_id] -%}
            {%- set relation = node.schema ~ '.' ~ node.alias -%}
            {%- set exists = run_query(
                "select count(*) from information_schema.tables where table_catalog = "
                ~ "current_database() and table_schema || '.' || table_name = '" ~ relation ~ "'"
            ).columns[0].values()[0] > 0 -%}
            {%- if not exists and node.resource_type == 'seed' -%}
                {%- do run_statement('create schema if not exists ' ~ node.schema) -%}
                {%- do run_statement('create table ' ~ relation ~ ' as ' ~ read_seed(node.name)) -%}
                {%- do adapter.cache_added(api.Relation.create(
                    database=node.database, schema=node.schema, identifier=node.alias, type='table'
                )) -%}
            {%- elif node.config.materialized == 'view' and not node.depends_on.nodes -%}
                {%- do put_view_of_files(node, render(node.raw_code)) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
