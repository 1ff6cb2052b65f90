{#
    meta.model_sql: the code that made each relation, as dbt compiled it in the relation's last
    build; `spymaster explain` runs it again over the rows of one value. One row per relation.
    Paths are relative to the lake. In a partitioned model `__partition_<column>__` stands for the
    values of a partition.
#}
{% macro record_model_sql(results) -%}
    {%- if execute -%}
        {%- do run_statement(
            'create table if not exists meta.model_sql ('
            ~ 'relation varchar primary key, language varchar, materialized varchar, '
            ~ 'storage varchar, sql varchar)'
        ) -%}
        {%- do run_statement(
            "comment on table meta.model_sql is 'Code that made each relation, as compiled in its "
            ~ "last build. One row per relation.'"
        ) -%}
        {%- set known = [] -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
            {%- do known.append(node.schema ~ '.' ~ node.alias) -%}
        {%- endfor -%}
        {%- do run_statement(
            "delete from meta.model_sql where relation not in ('" ~ known | join("', '") ~ "')"
        ) -%}
        {%- set recorded = {} -%}
        {%- for row in run_query(
            "select relation, md5(concat_ws('|', language, materialized, storage, sql)) "
            ~ 'from meta.model_sql'
        ).rows -%}
            {%- do recorded.update({row[0]: row[1]}) -%}
        {%- endfor -%}
        {%- set rows = [] -%}
        {%- for result in results if result.node.resource_type == 'model'
            and result.status == 'success' -%}
            {%- set node = result.node -%}
            {%- set code = node.compiled_code | replace(lake_root() ~ '/', '') -%}
            {%- set values = [
                node.schema ~ '.' ~ node.alias,
                node.language,
                node.config.materialized,
                node.config.get('storage') or node.config.materialized,
                code,
            ] -%}
            {%- if recorded.get(values[0]) != local_md5(values[1:] | join('|')) -%}
                {%- do rows.append("('" ~ values
                    | map('replace', "'", "''") | join("', '") ~ "')") -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if rows -%}
            {%- do run_statement(
                'insert or replace into meta.model_sql values ' ~ rows | join(', ')
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
