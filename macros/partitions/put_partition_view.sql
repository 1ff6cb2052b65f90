{#
    Create the view of a partitioned model where what it is made of has changed, and the macro that
    lists its files where they have; store the versions of a view's partitions, and its comments.
    Returns whether view or macro were written.
#}
{% macro put_partition_view(target, state, steps) -%}
    {%- set is_formula = config.get('storage') == 'view' -%}
    {%- set files = [] -%}
    {%- for file in steps['files'] -%}
        {%- do files.append(file[lake_root() | length + 1:]) -%}
    {%- endfor -%}
    {%- set list = 'meta.files_of_' ~ target.identifier ~ '()' -%}
    {%- set shape = columns_shape(model.columns) -%}
    {%- set query = sql if is_formula else 'select ' ~ stored_columns() ~ ' from '
        ~ read_partition_files(list if files else none) -%}
    {%- set made_of = state['wanted'] if is_formula else local_md5(query ~ shape) -%}
    {%- set listed = local_md5(files | join('|')) -%}
    {%- set existing = load_cached_relation(target) -%}
    {%- set is_same = existing is not none and existing.type == 'view'
        and not should_full_refresh() and made_of == state['built_from'] -%}
    {%- set is_listed = listed == state['contents'] -%}
    {%- if is_same and is_listed and not (is_formula and steps['build']) -%}
        {%- do write_comments(target, state['described']) -%}
    {%- else -%}
        {#- together, because each separate commit flushes to disk -#}
        {%- do run_query('begin') -%}
        {%- if files and not is_listed -%}
            {%- do run_query(
                'create or replace macro ' ~ list ~ ' as list_transform(' ~ sql_list(files)
                ~ ', file -> meta.lake_file(file))'
            ) -%}
        {%- endif -%}
        {%- if not is_same -%}
            {%- do run_query('create or replace view ' ~ target ~ ' as ' ~ query) -%}
        {%- endif -%}
        {%- if is_formula -%}
            {%- do record_partitions(steps['build']) -%}
        {%- endif -%}
        {%- do record_relation(target.identifier, {
            'built_from': "'" ~ made_of ~ "'",
            'contents': "'" ~ listed ~ "'",
            'shape': "'" ~ shape ~ "'",
        }) -%}
        {%- do write_comments(target, state['described'] if is_same else none) -%}
        {%- do run_query('commit') -%}
    {%- endif -%}
    {{ return(not (is_same and is_listed)) }}
{%- endmacro %}
