{#
    Data tests. A test with config meta.partitions_of, a list of relations, runs per partition,
    which bounds memory: its SQL names the partition through in_partition() and partition_value(),
    like a partitioned model. It covers partitions of any of the relations whose tests have not
    passed since the last build, or all with `test_all`. config meta.partition_values names a macro
    whose query adds values to them. All other tests are dbt's own.
#}
{% materialization test, adapter='duckdb' %}
    {%- set relations = (config.get('meta') or {}).get('partitions_of') -%}
    {%- if not relations -%}
        {{ return(materialization_test_default()) }}
    {%- endif -%}
    {%- set query = context[config.get('meta').get('partition_values', 'untested')] -%}
    {%- set partitions = run_query(query(relations)) -%}
    {%- set failures = namespace(count=0) -%}
    {%- for row in partitions.rows -%}
        {%- set values = dict(zip(partitions.column_names, row.values())) -%}
        {%- set failed = run_query(
            'select count(*) from (' ~ fill_partition(sql, values) ~ ')'
        ).columns[0].values()[0] | int -%}
        {%- if failed -%}
            {%- do log(
                model.name ~ ': ' ~ failed ~ ' rows of ' ~ values['symbol'] ~ ' ' ~ values['dt'],
                info=true
            ) -%}
        {%- endif -%}
        {%- set failures.count = failures.count + failed -%}
    {%- endfor -%}
    {%- call statement('main', fetch_result=true) -%}
        {{ get_test_sql(
            'select * from range(' ~ failures.count ~ ')',
            config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), none
        ) }}
    {%- endcall -%}
    {{ return({'relations': []}) }}
{% endmaterialization %}


{# Query of the partitions of some relations whose tests have not passed, or of all. #}
{% macro untested(relations) -%}
    select distinct owner as symbol, dt from meta.partition_state
    where
        relation in ('{{ relations | join("', '") }}')
        {%- if not var('test_all') %} and not is_tested {%- endif %}
    order by dt, symbol
{%- endmacro %}
