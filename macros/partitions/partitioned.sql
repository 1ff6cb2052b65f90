{#
    Materialization for partitioned_by(): builds one partition at a time, which bounds memory. The
    model's SQL names its partition through in_partition() and partition_value().

    - parquet: one file per partition, written atomically and named by a hash of its inputs, and a
      view over the files;
    - table: rows of a table, replaced in one transaction per partition;
    - view: dbt's view, with the versions of its partitions.

    config `prepare` names a macro whose statement runs before each partition.

    A killed build resumes at the first unrecorded partition.
#}
{% materialization partitioned, adapter='duckdb' %}
    {%- set storage = config.require('storage') -%}
    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {%- if (config.get('meta') or {}).get('more_columns') -%}
        {#- also where there is no partition to build, of which the query would say the columns -#}
        {%- do add_more_columns(
            get_column_schema_from_query(fill_partition(sql, {'dt': '1970-01-01'}))
        ) -%}
    {%- endif -%}
    {%- set columns = '"' ~ model.columns.keys() | join('", "') ~ '"' -%}
    {%- set target = this.incorporate(type='table' if storage == 'table' else 'view') -%}
    {%- do drop_other_shape(target) -%}

    {%- set steps = partition_steps() -%}
    {%- do forget_partitions(steps['forget'], storage) -%}
    {%- for values in steps['build'] -%}
        {%- set query = fill_partition(sql, values) -%}
        {%- if loop.first -%}
            {%- do get_assert_columns_equivalent(query) -%}
        {%- endif -%}
        {%- set query = 'select ' ~ columns ~ ' from (' ~ query ~ ')' -%}
        {%- if config.get('prepare') -%}
            {%- do run_query(fill_partition(context[config.get('prepare')](), values)) -%}
        {%- endif -%}
        {%- if storage == 'parquet' -%}
            {%- set file = values['partition_file'] -%}
            {%- set temporary =
                run_query("select temporary_file('" ~ file ~ "')").columns[0].values()[0] -%}
            {%- do run_query(
                'copy (' ~ query ~ ") to '" ~ temporary
                ~ "' (format parquet, compression zstd, row_group_size 65536)"
            ) -%}
            {%- do run_query("select put_file_in_place('" ~ file ~ "')") -%}
            {%- do record_partitions([values]) -%}
        {%- elif storage == 'table' -%}
            {%- do run_query('begin') -%}
            {%- do run_query(
                'delete from ' ~ this ~ ' where ' ~ fill_partition(in_partition(), values)
            ) -%}
            {%- do run_query('insert into ' ~ this ~ ' (' ~ columns ~ ') ' ~ query) -%}
            {%- do record_partitions([values]) -%}
            {%- do run_query('commit') -%}
        {%- endif -%}
    {%- endfor -%}

    {#- together, because each separate commit flushes to disk -#}
    {%- do run_query('begin') -%}
    {%- call statement('main', auto_begin=false) -%}
        {%- if storage == 'table' -%}
            select count(*) from {{ this }}
        {%- else -%}
            create or replace view {{ this }} as
            {{ sql if storage == 'view' else
                'select ' ~ stored_columns() ~ ' from ' ~ read_partition_files(steps['files']) }}
        {%- endif -%}
    {%- endcall -%}
    {%- if storage == 'view' -%}
        {%- do record_partitions(steps['build']) -%}
    {%- endif -%}
    {%- do persist_docs(target, model) -%}
    {%- do run_query('commit') -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
