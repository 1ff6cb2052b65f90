{#
    Build a partition, a row of the plan, by the way it is stored; record it, and list the `files`
    that there are with it. Rows that fail their checks leave everything as it was and end the
    build.
#}
{% macro build_partition(storage, values, files) -%}
    {%- set columns = '"' ~ model.columns.keys() | join('", "') ~ '"' -%}
    {%- set query = 'select ' ~ columns ~ ' from (' ~ fill_partition(sql, values) ~ ')' -%}
    {%- set is_of_partition = fill_partition(in_partition(), values) -%}
    {%- if config.get('prepare') -%}
        {%- do run_query(fill_partition(context[config.get('prepare')](), values)) -%}
    {%- endif -%}
    {%- if storage == 'parquet' -%}
        {%- set file = partition_files(values)[this.identifier] -%}
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
        {%- do run_query("select put_file_in_place('" ~ temporary ~ "', '" ~ file ~ "')") -%}
        {%- do run_query('begin') -%}
        {%- do put_lists_of_files(files) -%}
        {%- do record_partitions([values]) -%}
        {%- do run_query('commit') -%}
    {%- elif storage == 'table' -%}
        {%- do run_query('begin') -%}
        {%- do run_query('delete from ' ~ this ~ ' where ' ~ is_of_partition) -%}
        {%- do run_query('insert into ' ~ this ~ ' (' ~ columns ~ ') ' ~ query) -%}
        {%- set failed = failed_checks(this ~ ' where ' ~ is_of_partition, values) -%}
        {%- if failed -%}
            {%- do run_query('rollback') -%}
            {{ exceptions.raise_compiler_error(failed) }}
        {%- endif -%}
        {%- for name, file in partition_files(values).items() -%}
            {%- set output = fill_partition(kernel_folder(), values) ~ '/' ~ name ~ '.parquet' -%}
            {%- do run_query("select put_file_in_place('" ~ output ~ "', '" ~ file ~ "')") -%}
        {%- endfor -%}
        {%- do put_lists_of_files(files) -%}
        {%- do record_partitions([values]) -%}
        {%- do run_query('commit') -%}
    {%- else -%}
        {%- set failed = failed_checks('(' ~ query ~ ') where ' ~ is_of_partition, values) -%}
        {%- if failed -%}
            {{ exceptions.raise_compiler_error(failed) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
