{#
    Run the kernel of a partitioned model, if it has one, for the values of a partition. Without
    values, its files have columns and no rows. `records` are what fetch_records gives. Returns what
    is wrong with the records, if they are refused.
#}
{% macro run_kernel(values=none, records=none) -%}
    {%- set call = call_of_model() -%}
    {%- set refusal = none -%}
    {%- if call and values is none -%}
        {%- do run_statement(modules.re.sub(
            "'__partition_[a-z0-9_]+__'", 'null', fill_partition(call, {'dt': '1970-01-01'})
        )) -%}
    {%- elif call -%}
        {%- set refusal = run_query(
            with_records(fill_partition(call, values), records)
        ).columns[0].values()[0] -%}
    {%- endif -%}
    {{ return(refusal) }}
{%- endmacro %}
