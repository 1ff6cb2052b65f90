-- noqa: disable=RF04
{{ config(materialized='view') }}

{% set outcomes = ['BREAK', 'REJECT', 'CHOP'] %}

with

production as (
    select * from {{ ref('signals_production') }}
),

counts as (
    select
        count(*) as n_rows,
        count(distinct dt) as n_days,
        [
            {% for outcome in outcomes %}
                struct_pack(
                    subject := '{{ outcome }}',
                    n := count(*) filter (outcome = '{{ outcome }}')
                ){{ "," if not loop.last }}
            {% endfor %}
        ] as classes,
        [
            {% for column in columns_of_role('level_events', ['id', 'feature']) %}
                struct_pack(
                    subject := '{{ column.name }}', n := count(*) - count({{ column.name }})
                ),
            {% endfor %}
            {% for name in level_event_label_columns() %}
                struct_pack(subject := '{{ name }}', n := count(*) - count({{ name }}))
                {{- "," if not loop.last }}
            {% endfor %}
        ] as missing
    from production
),

measures as (
    select
        'rows' as measure,
        [struct_pack(subject := cast(null as varchar), n := n_rows)] as found,
        1 as divisor
    from counts
    union all
    select
        'days' as measure,
        [struct_pack(subject := cast(null as varchar), n := n_days)] as found,
        1 as divisor
    from counts
    union all
    select
        'class_share' as measure,
        classes as found,
        n_rows as divisor
    from counts
    union all
    select
        'null_share' as measure,
        missing as found,
        n_rows as divisor
    from counts
),

subjects as (
    select
        measure,
        divisor,
        -- a column per field of what was found
        unnest(found, recursive := true)  -- noqa: AL03
    from measures
)

select
    measure,
    subject,
    cast(n / nullif(divisor, 0) as double) as value
from subjects
