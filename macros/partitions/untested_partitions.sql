{#
    Predicate for data tests on a partitioned relation: true for the partitions whose tests have not
    passed since their last build, or everywhere with `test_all`. A relation without partition state
    is tested whole.
#}
{% macro untested_partitions(name) -%}
    {%- if var('test_all') or not execute or not adapter.get_relation(
        database=target.database, schema='meta', identifier='partitions_to_test'
    ) -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set rows = run_query(
        'select state.owner, state.dt, to_test.relation is null as is_tested '
        ~ 'from meta.partition_state as state left join meta.partitions_to_test as to_test '
        ~ "using (relation, owner, dt) where relation = '" ~ name ~ "' order by all"
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
