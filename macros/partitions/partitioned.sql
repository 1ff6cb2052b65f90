{#
    Materialization of a relation with one partition per (symbol, dt), built one partition at a
    time, so that memory is that of one. The partitions to build are those of the upstream
    relation, config meta.partition_source, whose inputs or code differ from what is recorded in
    meta.partition_state. The model's SQL names its partition through in_partition() and
    partition_value(). config `storage`:

    - parquet: one file per partition, put in place whole, its name a hash of all it was made
      from, and a view over the files;
    - table: rows of a table, replaced in one transaction per partition.

    config `prepare` names a macro whose statement is run before each partition.

    A killed build goes on with the first partition that is not recorded.
#}
{% materialization partitioned, adapter='duckdb' %}
    {%- set storage = config.require('storage') -%}
    {%- set probe = fill_partition(sql, {}) -%}
    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {%- do get_assert_columns_equivalent(probe) -%}
    {%- set columns = '"' ~ model.columns.keys() | join('", "') ~ '"' -%}
    {%- set target = this.incorporate(type='view' if storage == 'parquet' else 'table') -%}
    {%- do drop_other_shape(target) -%}
    {%- if storage == 'table' -%}
        {%- do run_query(
            'create table if not exists ' ~ this ~ ' as select ' ~ columns
            ~ ' from (' ~ probe ~ ') where false'
        ) -%}
    {%- endif -%}

    {%- set upstream = partition_upstream() -%}
    {%- do forget_vanished_partitions(upstream, storage) -%}
    {%- set changed = run_query(partitions_to_build(upstream, storage)) -%}
    {%- for row in changed.rows -%}
        {%- set values = dict(zip(changed.column_names, row.values())) -%}
        {%- set query = 'select ' ~ columns ~ ' from (' ~ fill_partition(sql, values) ~ ')' -%}
        {%- set record = record_partition(values) -%}
        {%- if config.get('prepare') -%}
            {%- do run_query(fill_partition(context[config.get('prepare')](), values)) -%}
        {%- endif -%}
        {%- if storage == 'parquet' -%}
            {%- set file = partition_file(values) -%}
            {%- set temporary =
                run_query("select temporary_file('" ~ file ~ "')").columns[0].values()[0] -%}
            {%- do run_query(
                'copy (' ~ query ~ ") to '" ~ temporary
                ~ "' (format parquet, compression zstd, row_group_size 65536)"
            ) -%}
            {%- do run_query("select put_file_in_place('" ~ file ~ "')") -%}
            {%- do run_query(record) -%}
        {%- else -%}
            {%- do run_query('begin') -%}
            {%- do run_query(
                'delete from ' ~ this ~ ' where '
                ~ fill_partition(in_partition(config.get('partition_column', 'symbol')), values)
            ) -%}
            {%- do run_query('insert into ' ~ this ~ ' (' ~ columns ~ ') ' ~ query) -%}
            {%- do run_query(record) -%}
            {%- do run_query('commit') -%}
        {%- endif -%}
    {%- endfor -%}

    {#- together, because each statement that is committed alone is flushed to disk -#}
    {%- do run_query('begin') -%}
    {%- call statement('main', auto_begin=false) -%}
        {%- if storage == 'parquet' -%}
            create or replace view {{ this }} as
            select {{ stored_columns() }} from {{ read_partition_files() }}
        {%- else -%}
            select count(*) from {{ this }}
        {%- endif -%}
    {%- endcall -%}
    {%- do persist_docs(target, model) -%}
    {%- do run_query('commit') -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
