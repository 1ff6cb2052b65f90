{#
    meta.row_checks: the checks of each relation's rows, with the values of the vars of the last
    build; `spymaster verify --values` runs them over the whole history. One row per relation and
    kind of check. `__rows__` stands for the rows; owner_column names the owner of a partition.
#}
{% macro record_row_checks() -%}
    {%- if execute -%}
        {%- set rows = [] -%}
        {%- for node in graph.nodes.values() if node.resource_type in ['model', 'seed'] -%}
            {%- for kind in ['row_checks', 'row_warnings'] if node.config.meta.get(kind) -%}
                {%- do rows.append('(' ~ [
                    sql_text_or_null(node.schema ~ '.' ~ node.alias),
                    sql_text_or_null((node.config.meta.get('partition_by') or [none])[0]),
                    kind == 'row_warnings',
                    sql_text_or_null(query_of_failed_checks('__rows__', node.config.meta[kind])),
                ] | join(', ') ~ ')') -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- set checks = local_md5(rows | join('|')) -%}
        {%- if relation_state('row_checks')['built_from'] != checks -%}
            {%- do run_statement(
                'create or replace table meta.row_checks as select * from (values '
                ~ rows | join(', ') ~ ') as t (relation, owner_column, is_warning, query)'
            ) -%}
            {%- do record_relation('row_checks', {'built_from': "'" ~ checks ~ "'"}) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
