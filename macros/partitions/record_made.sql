{#
    Record partitions, rows of the plan, whose files are in place, and put the rows of a table into
    it. `steps` and `state` are the model's. A view records all its partitions at its end.
#}
{% macro record_made(partitions, storage, steps, state) -%}
    {%- for values in partitions -%}
        {%- do steps['with_files'][partition_key(values)].update({'is_there': true}) -%}
    {%- endfor -%}
    {%- if partitions and storage != 'view' -%}
        {%- do run_statement('begin') -%}
        {%- for values in partitions if storage == 'table' -%}
            {%- do run_statement(
                'delete from ' ~ this ~ ' where ' ~ fill_partition(in_partition(), values)
            ) -%}
            {%- do run_statement(
                'insert into ' ~ this ~ ' by name select * from '
                ~ rows_of_file(stored_rows(values))
            ) -%}
        {%- endfor -%}
        {%- do put_lists_of_files(files_in_place(steps), state) -%}
        {%- do record_partitions(partitions, state) -%}
        {%- do run_statement('commit') -%}
    {%- endif -%}
{%- endmacro %}
