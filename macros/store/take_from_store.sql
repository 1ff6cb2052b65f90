{#
    Take partitions, rows of the plan, from the store: put their files in place, their rows into the
    table, and record them. Returns those that are still to be built. `steps` and `state` are the
    model's.
#}
{% macro take_from_store(steps, storage, state) -%}
    {%- if not has_store() or not steps['build'] or should_full_refresh() -%}
        {{ return(steps['build']) }}
    {%- endif -%}
    {%- set wanted = [] -%}
    {%- for values in steps['build'] -%}
        {%- do wanted.append(stored_partition(values, storage)) -%}
    {%- endfor -%}
    {%- set found = fromjson(run_query(
        'select take_from_store(' ~ sql_text_or_null(tojson(wanted)) ~ ')'
    ).columns[0].values()[0]) -%}
    {%- set taken = [] -%}
    {%- set left = [] -%}
    {%- for values in steps['build'] -%}
        {%- if partition_key(values) in found -%}
            {%- do taken.append(values) -%}
            {%- do steps['with_files'][partition_key(values)].update({'is_there': true}) -%}
        {%- else -%}
            {%- do left.append(values) -%}
        {%- endif -%}
    {%- endfor -%}
    {#- a view records all its partitions at its end -#}
    {%- if taken and storage != 'view' -%}
        {%- do run_statement('begin') -%}
        {%- for values in taken if storage == 'table' -%}
            {%- do run_statement(
                'delete from ' ~ this ~ ' where ' ~ fill_partition(in_partition(), values)
            ) -%}
            {%- do run_statement(
                'insert into ' ~ this ~ ' by name select * from '
                ~ rows_of_file(stored_rows(values))
            ) -%}
        {%- endfor -%}
        {%- do put_lists_of_files(files_in_place(steps), state) -%}
        {%- do record_partitions(taken) -%}
        {%- do run_statement('commit') -%}
    {%- endif -%}
    {%- do remove_stored_rows(storage) -%}
    {{ return(left) }}
{%- endmacro %}
