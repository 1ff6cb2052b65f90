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
