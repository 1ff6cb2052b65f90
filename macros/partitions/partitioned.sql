{#
    Materialization for partitioned_by(): builds one partition at a time, which bounds memory. The
    model's SQL names its partition through in_partition() and partition_value().

    - parquet: one file per partition, written atomically and named by a hash of its inputs, and a
      view over the files, which a macro lists: a new file changes the macro, not the view;
    - table: rows of a table, replaced in one transaction per partition;
    - view: dbt's view, with the versions of its partitions.

    config `prepare` names a macro whose statement runs before each partition, after the model's
    kernel (see macros/kernels). Hooks run only around a build of partitions. Without partitions to
    build nothing is written.

    A killed build resumes at the first unrecorded partition.
#}
{% materialization partitioned, adapter='duckdb' %}
    {%- set storage = config.require('storage') -%}
    {%- set target = this.incorporate(type='table' if storage == 'table' else 'view') -%}
    {%- set state = relation_state(
        this.identifier,
        {'wanted': view_made_of(sql, model.depends_on.nodes)} if storage == 'view' else {}
    ) -%}
    {%- if (config.get('meta') or {}).get('more_columns') -%}
        {#- also where there is no partition to build, of which the query would say the columns -#}
        {%- do complete_columns(state) -%}
    {%- endif -%}
    {%- set columns = '"' ~ model.columns.keys() | join('", "') ~ '"' -%}
    {%- do drop_other_shape(target, state) -%}

    {%- set steps = partition_steps() -%}
    {%- do forget_partitions(steps['forget'], storage) -%}
    {%- if steps['build'] -%}
        {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {%- endif -%}
    {%- for values in steps['build'] -%}
        {%- do run_kernel(values) -%}
        {%- set query = fill_partition(sql, values) -%}
        {%- if loop.first -%}
            {%- do get_assert_columns_equivalent(query) -%}
        {%- endif -%}
        {%- set query = 'select ' ~ columns ~ ' from (' ~ query ~ ')' -%}
        {%- set is_of_partition = fill_partition(in_partition(), values) -%}
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
            {%- set failed = failed_checks(rows_of_file(temporary), values) -%}
            {%- if failed -%}
                {%- do run_query("select remove_temporary_file('" ~ file ~ "')") -%}
                {{ exceptions.raise_compiler_error(failed) }}
            {%- endif -%}
            {%- do run_query("select put_file_in_place('" ~ file ~ "')") -%}
            {%- do record_partitions([values]) -%}
        {%- elif storage == 'table' -%}
            {%- do run_query('begin') -%}
            {%- do run_query(
                'delete from ' ~ this ~ ' where ' ~ is_of_partition
            ) -%}
            {%- do run_query('insert into ' ~ this ~ ' (' ~ columns ~ ') ' ~ query) -%}
            {%- set failed = failed_checks(this ~ ' where ' ~ is_of_partition, values) -%}
            {%- if failed -%}
                {%- do run_query('rollback') -%}
                {{ exceptions.raise_compiler_error(failed) }}
            {%- endif -%}
            {%- do record_partitions([values]) -%}
            {%- do run_query('commit') -%}
        {%- else -%}
            {%- set failed = failed_checks('(' ~ query ~ ') where ' ~ is_of_partition, values) -%}
            {%- if failed -%}
                {{ exceptions.raise_compiler_error(failed) }}
            {%- endif -%}
        {%- endif -%}
        {%- do remove_kernel_files() -%}
    {%- endfor -%}

    {%- if storage == 'table' -%}
        {%- do write_comments(target, state['described']) -%}
        {%- set is_same = not steps['forget'] -%}
    {%- else -%}
        {%- set is_same = not put_partition_view(target, state, steps) -%}
    {%- endif -%}
    {%- do store_raw_result(
        'main',
        message='unchanged' if is_same and not steps['build'] else steps['build'] | length
            ~ ' of ' ~ (steps['build'] + steps['keep']) | length ~ ' partitions',
        code='PARTITIONS',
        rows_affected=steps['build'] | length
    ) -%}
    {%- if steps['build'] -%}
        {{ run_hooks(post_hooks, inside_transaction=false) }}
    {%- endif -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
