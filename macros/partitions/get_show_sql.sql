{#
    `dbt show` of a partitioned model runs its query for the latest partition that its inputs have
    and the vars symbols, start_date and end_date select.
#}
{% macro get_show_sql(compiled_code, sql_header, limit) -%}
    {%- set query = compiled_code -%}
    {%- if config.get('materialized') == 'partitioned' -%}
        {%- set values = dict(latest_partition(), partition_files=none) -%}
        {%- set records = fetch_records(values) if has_remote_bronze() else none -%}
        {%- set refusal = run_kernel(values, records) -%}
        {%- if refusal -%}
            {%- do remove_kernel_files() -%}
            {{ exceptions.raise_compiler_error(model.name ~ ' ' ~ values['dt'] ~ ': ' ~ refusal) }}
        {%- endif -%}
        {%- if config.get('prepare') -%}
            {%- do run_statement(
                with_records(fill_partition(context[config.get('prepare')](), values), records)
            ) -%}
        {%- endif -%}
        {%- if config.get('storage') == 'view' -%}
            {#- its SQL covers every partition -#}
            {%- set query = 'select * from (' ~ query ~ ') where ' ~ in_partition() -%}
        {%- endif -%}
        {%- set query = with_records(fill_partition(query, values), records) -%}
    {%- endif -%}
    {{ sql_header or '' }}
    {{ get_limit_subquery_sql(query, limit) }}
{%- endmacro %}
