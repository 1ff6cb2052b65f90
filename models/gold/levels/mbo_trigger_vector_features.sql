-- noqa: disable=LT02,LT05,RF04
{{ config(materialized='table') }}

{% set blocks = vector_blocks() %}
{# exact sums of other features #}
{% set sums = {
    'down': ['f5_vacuum_expansion_log', 'f6_vacuum_decay_log', 'f7_vacuum_total_log'],
    'up': ['u15_up_expansion_log', 'u16_up_flow_log', 'u17_up_total_log'],
} %}

with

feature_names as (
    select * from {{ ref('feature_names') }}
),

names as (
    {% for direction in ['down', 'up'] %}
        select
            '{{ direction }}' as direction,
            unnest({{ vector_rows(direction) }}) as name,
            unnest(range({{ vector_rows(direction) | length }})) as place
        {{ "union all" if not loop.last }}
    {% endfor %}
),

blocks as (
    select
        unnest({{ blocks }}) as block,
        unnest(range({{ blocks | length }})) as block_no
),

vectors as (
    select
        names.direction,
        names.name,
        blocks.block,
        row_number() over (
            partition by names.direction
            order by blocks.block_no, names.place
        ) - 1 as feature_index,
        regexp_replace(names.name, '^d[123]_', '') as base_feature
    from names
    cross join blocks
),

dedup as (
    select
        *,
        row_number() over (partition by direction order by feature_index) - 1 as dedup_index
    from vectors
    where base_feature not in ({{ "'" ~ (sums['down'] + sums['up']) | join("', '") ~ "'" }})
),

context as (
    select
        unnest({{ context_features().keys() | list }}) as name,
        unnest(range({{ context_features() | length }})) as feature_index
),

features as (
    select
        'vector' as feature_set,
        direction,
        feature_index,
        block || '__' || name as feature_name,
        block,
        base_feature
    from vectors
    union all
    select
        'dedup' as feature_set,
        direction,
        dedup_index as feature_index,
        block || '__' || name as feature_name,
        block,
        base_feature
    from dedup
    union all
    select
        'context' as feature_set,
        directions.direction,
        context.feature_index,
        context.name as feature_name,
        'w0' as block,
        context.name as base_feature
    from context
    cross join (values ('down'), ('up')) as directions (direction)
)

select
    features.direction,
    cast(features.feature_index as integer) as feature_index,
    features.feature_name,
    features.block,
    features.base_feature,
    features.feature_set as set,
    feature_names.scale
from features
left join feature_names on features.base_feature = feature_names.name
order by features.feature_set asc, features.direction asc, features.feature_index asc
