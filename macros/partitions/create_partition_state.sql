{#
    meta.partition_state: what each partition of each partitioned relation was built from. One row
    per relation and partition. meta.partitions_to_test: those of relations with data tests whose
    tests have not passed since. meta.store_names: the name of each partition in a store, and the
    names of its files.

    In older lakes the owner, a contract or a root, is called symbol, and a column says what to
    test.
#}
{% macro create_partition_state() -%}
    {%- if execute -%}
        {%- do run_statement('create schema if not exists meta') -%}
        {%- if 'symbol' in partition_state_columns() -%}
            {%- do run_statement(
                'alter table meta.partition_state rename column symbol to owner'
            ) -%}
        {%- endif -%}
        {%- set key =
            'relation varchar, owner varchar, dt date, primary key (relation, owner, dt)' -%}
        {%- do run_statement(
            'create table if not exists meta.partition_state (' ~ key
            ~ ', input_fingerprint varchar, model_checksum varchar)'
        ) -%}
        {%- do run_statement('create table if not exists meta.partitions_to_test (' ~ key ~ ')') -%}
        {%- do run_statement(
            'create table if not exists meta.store_names (' ~ key
            ~ ', store_name varchar, files varchar[])'
        ) -%}
        {%- if 'is_tested' in partition_state_columns() -%}
            {%- do run_statement(
                'insert or ignore into meta.partitions_to_test '
                ~ 'select relation, owner, dt from meta.partition_state where not is_tested'
            ) -%}
            {%- do run_statement('alter table meta.partition_state drop column is_tested') -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
