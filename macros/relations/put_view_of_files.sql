{#
    Create a view that reads no other model, unless it is there with the same text; the node of the
    view then makes it anew. Record the version of the files that it reads.
#}
{% macro put_view_of_files(node, text) -%}
    {%- set state = relation_state(node.alias, {
        'wanted': view_made_of(text, []),
        'files': files_version(text) or 'null',
    }) -%}
    {%- set values = {'contents': sql_text_or_null(state['files'])} -%}
    {%- set existing = load_cached_relation(api.Relation.create(
        database=node.database, schema=node.schema, identifier=node.alias
    )) -%}
    {%- if existing is none or state['wanted'] != state['built_from'] -%}
        {%- do run_statement('create schema if not exists ' ~ node.schema) -%}
        {%- do run_statement(
            'create or replace view ' ~ node.schema ~ '.' ~ node.alias ~ ' as ' ~ text
        ) -%}
        {%- do values.update({'built_from': 'null'}) -%}
    {%- endif -%}
    {%- do record_relation(node.alias, values) -%}
{%- endmacro %}
