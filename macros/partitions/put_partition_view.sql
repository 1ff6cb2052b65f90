{#
    Create the view of a partitioned model where what it is made of has changed, and the macro that
    lists its files where they have; store the versions of a view's partitions, and its comments.
    Returns whether view or macro were written.
#}
{% macro put_partition_view(target, state, steps, files) -%}
    {%- set is_formula = config.get('storage') == 'view' -%}
    {%- set owner = config.get('meta')['partition_by'][0] -%}
    {%- set shape = columns_shape(model.columns) -%}
    {%- if is_formula -%}
        {%- set query = sql -%}
    {%- elif files[target.identifier] -%}
        {%- set query = 'select ' ~ stored_columns() ~ ' from '
            ~ rows_of_files(list_of_files(target.identifier), owner) -%}
    {%- else -%}
        {%- set query = 'from ' ~ no_rows() -%}
    {%- endif -%}
    {%- set made_of = state['wanted'] if is_formula else local_md5(query ~ shape) -%}
    {%- set existing = load_cached_relation(target) -%}
    {%- set is_same = existing is not none and existing.type == 'view'
        and not should_full_refresh() and made_of == state['built_from'] -%}
    {%- set is_listed = hash_of_lists(files) == state['contents'] -%}
    {%- if is_same and is_listed and not (is_formula and steps['build']) -%}
        {%- do write_comments(target, state['described']) -%}
    {%- else -%}
        {#- together, because each separate commit flushes to disk -#}
        {%- do run_statement('begin') -%}
        {%- do put_lists_of_files(files, state) -%}
        {%- if not is_same -%}
            {%- do run_statement('create or replace view ' ~ target ~ ' as ' ~ query) -%}
        {%- endif -%}
        {%- if is_formula -%}
            {%- do record_partitions(steps['build'], state) -%}
        {%- endif -%}
        {%- do record_relation(target.identifier, {
            'built_from': "'" ~ made_of ~ "'",
            'shape': "'" ~ shape ~ "'",
        }) -%}
        {%- do write_comments(target, state['described'] if is_same else none) -%}
        {%- do run_statement('commit') -%}
    {%- endif -%}
    {{ return(not (is_same and is_listed)) }}
{%- endmacro %}
