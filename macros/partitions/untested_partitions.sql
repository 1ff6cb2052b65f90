{#
    Predicate for data tests on a partitioned relation: true for the partitions whose tests have
    not passed since they were last built, everywhere with `test_all`. A relation that keeps no
    partition state is tested whole.
#}
{% macro untested_partitions(relation_name) -%}
    {%- if var('test_all') or not execute -%}
        {{ return('true') }}
    {%- endif -%}
    {%- if not has_partition_state() -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set query -%}
        select symbol, dt, is_tested from meta.partition_state
        where relation = '{{ relation_name }}'
        order by symbol, dt
    {%- endset -%}
    {%- set rows = run_query(query).rows -%}
    {%- if not rows -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set columns = graph.nodes.values() | selectattr('name', 'equalto', relation_name)
        | map(attribute='config.partition_column') | select | list -%}
    {%- set column = columns[0] if columns else 'symbol' -%}
    {%- set predicates = [] -%}
    {%- for row in rows if not row[2] -%}
        {%- do predicates.append("(" ~ column ~ " = '" ~ row[0] ~ "' and dt = date '" ~ row[1] ~ "')") -%}
    {%- endfor -%}
    {{ return('(' ~ predicates | join(' or ') ~ ')' if predicates else 'false') }}
{%- endmacro %}
