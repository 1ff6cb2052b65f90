{#
    Complete the description of a partitioned model by add_more_columns, without asking the query
    for its columns while the query and the description are the same.
#}
{% macro complete_columns(state) -%}
    {%- set more = run_query(context[config.get('meta')['more_columns']]()) -%}
    {%- set parts = [sql, model.columns.keys() | join(' ')] -%}
    {%- for row in more.rows -%}
        {%- do parts.append(row['name'] ~ ' ' ~ row['data_type']) -%}
    {%- endfor -%}
    {%- set asked = local_md5(parts | join('|')) -%}
    {%- if asked == state['selected_from'] -%}
        {%- set names = state['selected_columns'].split(' ') -%}
    {%- else -%}
        {#- the query may read what a kernel writes -#}
        {%- do run_kernel() -%}
        {%- set names = get_column_schema_from_query(fill_partition(sql, {'dt': '1970-01-01'}))
            | map(attribute='name') | list -%}
        {%- do remove_kernel_files() -%}
        {%- set before = (state['selected_columns'] or '').split() -%}
        {%- if before and before != names -%}
            {#- readers of the relation depend on them -#}
            {%- do log(
                this.identifier ~ ': its columns change, '
                ~ (names | reject('in', before) | list | length) ~ ' new ones, '
                ~ (before | reject('in', names) | list | length) ~ ' gone',
                info=true
            ) -%}
        {%- endif -%}
        {%- do record_relation(this.identifier, {
            'selected_from': "'" ~ asked ~ "'",
            'selected_columns': sql_text_or_null(names | join(' ')),
        }) -%}
    {%- endif -%}
    {%- do describe_more_columns(names, more) -%}
{%- endmacro %}
