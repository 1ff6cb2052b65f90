{#
    meta.partition_state: what each partition of each partitioned relation was built from, and
    whether its data tests have passed since. One row per relation and partition. In older lakes
    the owner, a contract or a root, is called symbol.
#}
{% macro create_partition_state() -%}
    {%- if execute -%}
        {%- do run_query('create schema if not exists meta') -%}
        {%- if 'symbol' in partition_state_columns() -%}
            {%- do run_query('alter table meta.partition_state rename column symbol to owner') -%}
        {%- endif -%}
        {%- do run_query(
            'create table if not exists meta.partition_state ('
            ~ 'relation varchar, owner varchar, dt date, input_fingerprint varchar, '
            ~ 'model_checksum varchar, is_tested boolean, primary key (relation, owner, dt))'
        ) -%}
    {%- endif -%}
{%- endmacro %}


{# None in a lake that was never built, which dbt may still compile against. #}
{% macro partition_state_columns() -%}
    {%- set query -%}
        select column_name from duckdb_columns()
        where
            database_name = current_database()
            and schema_name = 'meta'
            and table_name = 'partition_state'
    {%- endset -%}
    {{ return(run_query(query).columns[0].values()) }}
{%- endmacro %}


{# Remember what partitions, rows of the plan, were built from. #}
{% macro record_partitions(partitions) -%}
    {%- set rows = [] -%}
    {%- for values in partitions -%}
        {%- do rows.append(
            "('" ~ this.identifier ~ "', '" ~ values['partition_owner'] ~ "', date '"
            ~ values['partition_date'] ~ "', '" ~ values['partition_fingerprint'] ~ "', '"
            ~ model_checksum() ~ "', false)"
        ) -%}
    {%- endfor -%}
    {%- if rows -%}
        {%- do run_query('insert or replace into meta.partition_state values ' ~ rows | join(', ')) -%}
    {%- endif -%}
{%- endmacro %}


{# Drop the rows and the state of partitions, rows of the plan. #}
{% macro forget_partitions(partitions, storage) -%}
    {%- set keys = [] -%}
    {%- for values in partitions -%}
        {%- do keys.append(
            "('" ~ values['partition_owner'] ~ "', date '" ~ values['partition_date'] ~ "')"
        ) -%}
    {%- endfor -%}
    {%- if keys -%}
        {%- set are_gone = 'dt) in (' ~ keys | join(', ') ~ ')' -%}
        {%- if storage == 'table' -%}
            {%- set owner = config.get('meta')['partition_by'][0] -%}
            {%- do run_query('delete from ' ~ this ~ ' where (' ~ owner ~ ', ' ~ are_gone) -%}
        {%- endif -%}
        {%- do run_query(
            "delete from meta.partition_state where relation = '" ~ this.identifier
            ~ "' and (owner, " ~ are_gone
        ) -%}
    {%- endif -%}
{%- endmacro %}
