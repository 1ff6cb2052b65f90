{#
    Predicate for data tests on a partitioned relation: true for the partitions whose tests have
    not passed since they were last built; constant when there are none, or with `test_all`.
#}
{% macro untested_partitions(relation_name) -%}
    {%- if var('test_all') or not execute -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set query -%}
        select symbol, dt from meta.partition_state
        where relation = '{{ relation_name }}' and not is_tested
        order by symbol, dt
    {%- endset -%}
    {%- set predicates = [] -%}
    {%- for row in run_query(query).rows -%}
        {%- do predicates.append("(symbol = '" ~ row[0] ~ "' and dt = date '" ~ row[1] ~ "')") -%}
    {%- endfor -%}
    {{ return('(' ~ predicates | join(' or ') ~ ')' if predicates else 'false') }}
{%- endmacro %}
