-- noqa: disable=LT05,RF04
{{ config(materialized='table') }}

{% set blocks = vector_blocks() %}

with

feature_names as (
    select * from {{ ref('feature_names') }}
),

names as (
    select
        unnest({{ spot_vector_rows() }}) as name,
        unnest(range({{ spot_vector_rows() | length }})) as place
),

blocks as (
    select
        unnest({{ blocks }}) as block,
        unnest(range({{ blocks | length }})) as block_no
),

vectors as (
    select
        'vector' as set,
        row_number() over (order by blocks.block_no, names.place) - 1 as feature_index,
        blocks.block || '__' || names.name as feature_name,
        blocks.block,
        regexp_replace(names.name, '^d[123]_', '') as base_feature
    from names
    cross join blocks
),

context as (
    select
        'context' as set,
        unnest(range({{ spot_context_features() | length }})) as feature_index,
        unnest({{ spot_context_features().keys() | list }}) as feature_name,
        'w0' as block,
        unnest({{ spot_context_features().keys() | list }}) as base_feature
),

features as (
    select * from vectors
    union all
    select * from context
)

select
    features.set,
    cast(features.feature_index as integer) as feature_index,
    features.feature_name,
    features.block,
    features.base_feature,
    'spot' as family,
    if(features.feature_name = 'moved_sigmas', 'z', feature_names.scale) as scale
from features
left join feature_names on features.base_feature = feature_names.name
order by features.set, features.feature_index
