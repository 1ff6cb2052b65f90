{#
    Build a partition, a row of the plan, by the way it is stored; record it, and list the `files`
    that there are with it in the relation's `state`. `records` are what fetch_records gives. Rows
    that fail their checks leave everything as it was and end the build.
#}
{% macro build_partition(storage, values, files, state, records=none) -%}
    {%- set columns = '"' ~ model.columns.keys() | join('", "') ~ '"' -%}
    {%- set filled = with_records(fill_partition(sql, values), records) -%}
    {%- set query = 'select ' ~ columns ~ ' from (' ~ filled ~ ')' -%}
    {%- set is_of_partition = fill_partition(in_partition(), values) -%}
    {%- if config.get('prepare') -%}
        {%- do run_statement(
            with_records(fill_partition(context[config.get('prepare')](), values), records)
        ) -%}
    {%- endif -%}
    {%- if storage == 'parquet' -%}
        {%- set file = partition_files(values)[this.identifier] -%}
        {%- set temporary =
            run_query("select temporary_file('" ~ file ~ "')").columns[0].values()[0] -%}
        {%- do run_statement(
            'copy (' ~ query ~ ") to '" ~ temporary
            ~ "' (format parquet, compression zstd, row_group_size 65536)"
        ) -%}
        {%- set failed = failed_checks(rows_of_file(temporary), values) -%}
        {%- if failed -%}
            {%- do run_statement("select remove_temporary_file('" ~ file ~ "')") -%}
            {{ exceptions.raise_compiler_error(failed) }}
        {%- endif -%}
        {%- do run_statement("select put_file_in_place('" ~ temporary ~ "', '" ~ file ~ "')") -%}
        {%- do run_statement('begin') -%}
        {%- do put_lists_of_files(files, state) -%}
        {%- do record_partitions([values], state) -%}
        {%- do run_statement('commit') -%}
    {%- elif storage == 'table' -%}
        {%- do run_statement('begin') -%}
        {%- do run_statement('delete from ' ~ this ~ ' where ' ~ is_of_partition) -%}
        {%- do run_statement('insert into ' ~ this ~ ' (' ~ columns ~ ') ' ~ query) -%}
        {%- set failed = failed_checks(this ~ ' where ' ~ is_of_partition, values) -%}
        {%- if failed -%}
            {%- do run_statement('rollback') -%}
            {{ exceptions.raise_compiler_error(failed) }}
        {%- endif -%}
        {%- for name, file in partition_files(values).items() -%}
            {%- set output = fill_partition(kernel_folder(), values) ~ '/' ~ name ~ '.parquet' -%}
            {%- do run_statement("select put_file_in_place('" ~ output ~ "', '" ~ file ~ "')") -%}
        {%- endfor -%}
        {%- do put_lists_of_files(files, state) -%}
        {%- do record_partitions([values], state) -%}
        {%- do run_statement('commit') -%}
    {%- else -%}
        {%- set failed = failed_checks('(' ~ query ~ ') where ' ~ is_of_partition, values) -%}
        {%- if failed -%}
            {{ exceptions.raise_compiler_error(failed) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
