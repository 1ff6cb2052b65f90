{#
    meta.partition_state: what each partition of each partitioned relation was built from, and
    whether its data tests have passed since. One row per relation and partition.
#}
{% macro create_partition_state() -%}
    {%- if execute -%}
        {%- do run_query('create schema if not exists meta') -%}
        {%- do run_query(
            'create table if not exists meta.partition_state ('
            ~ 'relation varchar, symbol varchar, dt date, input_fingerprint varchar, '
            ~ 'model_checksum varchar, is_tested boolean, primary key (relation, symbol, dt))'
        ) -%}
    {%- endif -%}
{%- endmacro %}
