{#
    Partitions of the model being built, rows of the plan, as workers take them: SQL with
    placeholders, and for each partition its values as texts and what the store knows it by. In
    `checks` the rows are called __rows__, in `rows` their file __file__.
#}
{% macro partition_jobs(partitions, storage, state) -%}
    {%- set columns = '"' ~ model.columns.keys() | join('", "') ~ '"' -%}
    {%- set query = 'select ' ~ columns ~ ' from (' ~ sql ~ ')' -%}
    {%- set checks = {} -%}
    {%- for kind in ['row_checks', 'row_warnings'] if config.get('meta').get(kind) -%}
        {%- do checks.update({
            kind: query_of_failed_checks('__rows__', config.get('meta')[kind])
        }) -%}
    {%- endfor -%}
    {%- set jobs = [] -%}
    {%- for values in partitions -%}
        {%- set texts = {} -%}
        {%- for column, value in values.items() -%}
            {%- do texts.update({column: none if value is none else value | string}) -%}
        {%- endfor -%}
        {%- do jobs.append({
            'values': texts,
            'stored': stored_partition(values, storage, state),
        }) -%}
    {%- endfor -%}
    {{ return({
        'relation': this.identifier,
        'storage': storage,
        'kernel': call_of_model(),
        'kernel_folder': kernel_folder() if call_of_model() else '',
        'prepare': context[config.get('prepare')]() if config.get('prepare') else '',
        'query': query,
        'rows': '(' ~ query ~ ') where ' ~ in_partition() if storage == 'view'
            else rows_of_file('__file__'),
        'checks': checks,
        'store': env_var('SPYMASTER_STORE', '') if has_store() else none,
        'partitions': jobs,
    }) }}
{%- endmacro %}
