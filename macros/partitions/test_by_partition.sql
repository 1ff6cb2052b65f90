{#
    Data tests. A test with config meta.partitions_of, a list of relations, runs per partition,
    which bounds memory: its SQL names the partition through in_partition() and partition_value(),
    like a partitioned model. It covers partitions of any of the relations whose tests have not
    passed since the last build, or all with `test_all`. config meta.partition_values names a macro
    whose query adds values to them. All other tests are dbt's own.
#}
{% materialization test, adapter='duckdb' %}
    {%- if not (config.get('meta') or {}).get('partitions_of') -%}
        {{ return(materialization_test_default()) }}
    {%- endif -%}
    {%- set failures = namespace(count=0) -%}
    {%- for what, count in failed_partitions() -%}
        {%- do log(
            model.name ~ ': ' ~ what ~ ' (failing rows: ' ~ count ~ ')', info=true
        ) -%}
        {%- set failures.count = failures.count + count -%}
    {%- endfor -%}
    {%- call statement('main', fetch_result=true) -%}
        {{ get_test_sql(
            'select * from range(' ~ failures.count ~ ')',
            'count(*)', config.get('warn_if'), config.get('error_if'), none
        ) }}
    {%- endcall -%}
    {{ return({'relations': []}) }}
{% endmaterialization %}


{# The partitions that fail the test, with the number of failing rows. #}
{% macro failed_partitions() -%}
    {%- set meta = config.get('meta') -%}
    {%- set query = context[meta.get('partition_values', 'untested')] -%}
    {%- set partitions = run_query(query(meta.get('partitions_of'))) -%}
    {%- set failed = [] -%}
    {%- for row in partitions.rows -%}
        {%- set values = dict(zip(partitions.column_names, row.values())) -%}
        {%- set count = run_query(
            'select ' ~ config.get('fail_calc') ~ ' from (' ~ fill_partition(sql, values) ~ ')'
        ).columns[0].values()[0] | int -%}
        {%- if count -%}
            {%- do failed.append((values['symbol'] ~ ' ' ~ values['dt'], count)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(failed) }}
{%- endmacro %}


{# Query of the partitions of some relations whose tests have not passed, or of all. #}
{% macro untested(relations) -%}
    select distinct owner as symbol, dt
    from meta.{{ 'partition_state' if var('test_all') else 'partitions_to_test' }}
    where relation in ('{{ relations | join("', '") }}')
    order by dt, symbol
{%- endmacro %}
