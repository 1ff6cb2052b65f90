{#
    Predicate for data tests on a partitioned relation: true for the partitions whose tests have not
    passed since their last build, or everywhere with `test_all`. A relation without partition state
    is tested whole.
#}
{% macro untested_partitions(name) -%}
    {%- if var('test_all') or not execute or not adapter.get_relation(
        database=target.database, schema='meta', identifier='partition_state'
    ) -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set rows = run_query(
        "select owner, dt, is_tested from meta.partition_state where relation = '" ~ name
        ~ "' order by owner, dt"
    ).rows -%}
    {%- if not rows -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set owner = partition_owner_of(name) -%}
    {%- set predicates = [] -%}
    {%- for row in rows if not row[2] -%}
        {%- do predicates.append(
            '(' ~ owner ~ " = '" ~ row[0] ~ "' and dt = date '" ~ row[1] ~ "')"
        ) -%}
    {%- endfor -%}
    {{ return('(' ~ predicates | join(' or ') ~ ')' if predicates else 'false') }}
{%- endmacro %}
