{#
    Fetch the records of a partition, a row of the plan, that lie outside of the lake (see
    has_remote_bronze), and make views of them on this connection. Returns what with_records and
    remove_records take.
#}
{% macro fetch_records(values) -%}
    {%- set texts = [fill_partition(call_of_model(), values), fill_partition(sql, values)] -%}
    {%- if config.get('prepare') -%}
        {%- do texts.append(fill_partition(context[config.get('prepare')](), values)) -%}
    {%- endif -%}
    {%- set records = fromjson(run_query(
        'select fetch_records(' ~ sql_list(texts) ~ ", '" ~ values['partition_owner'] ~ "', '"
        ~ values['partition_date'] ~ "')"
    ).columns[0].values()[0]) -%}
    {%- for statement in records['views'] -%}
        {%- do run_statement(statement) -%}
    {%- endfor -%}
    {{ return(records) }}
{%- endmacro %}
