{#
    Relations that moved to the schema `steps`: a former name that an older lake has, or that is one
    of steps_named_before, becomes a view of the step. The older relation stays until its step is
    built, because other views read it. Relations whose columns silver.contract_days has go. For
    one version.
#}
{% macro keep_former_names() -%}
    {%- if execute -%}
        {%- set moved = {} -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
            {%- if former_schema(node) -%}
                {%- do moved.update({former_schema(node) ~ '.' ~ node.alias: node}) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set found = {} -%}
        {%- for name, text in run_query(
            "select schema_name || '.' || table_name, 'table' from duckdb_tables() "
            ~ 'where database_name = current_database() '
            ~ "union all select schema_name || '.' || view_name, sql from duckdb_views() "
            ~ 'where database_name = current_database()'
        ).rows -%}
            {%- do found.update({name: text}) -%}
        {%- endfor -%}
        {%- set gone = ['contract_trade_sources', 'market_book_sources', 'option_quote_sources'] -%}
        {%- for name in gone -%}
            {%- for former in ['silver.' ~ name, 'steps.' ~ name] if former in found -%}
                {%- do run_statement(
                    'drop ' ~ ('table ' if found[former] == 'table' else 'view ') ~ former
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- for former, node in moved.items() -%}
            {%- set name = node.schema ~ '.' ~ node.alias -%}
            {%- set view = 'CREATE VIEW ' ~ former ~ ' AS SELECT * FROM ' ~ name ~ ';' -%}
            {%- set statements = [] -%}
            {%- if name in found and found[former] != view
                and (former in found or node.alias in steps_named_before()) -%}
                {%- if found[former] == 'table' -%}
                    {%- do statements.append('drop table ' ~ former) -%}
                {%- endif -%}
                {%- do statements.extend([
                    'create schema if not exists ' ~ former.split('.')[0],
                    view | replace('CREATE VIEW', 'create or replace view') | replace(';', ''),
                    'comment on view ' ~ former ~ " is 'Former name of " ~ name
                    ~ ", until the next version.'",
                ]) -%}
            {%- endif -%}
            {%- if statements -%}
                {%- do run_statement(
                    (['begin'] + statements + ['commit']) | join('; ')
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
