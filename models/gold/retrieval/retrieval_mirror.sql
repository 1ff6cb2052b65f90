-- noqa: disable=RF04
{{ config(materialized='table') }}

with

mirrors as (
    select * from {{ ref('feature_mirrors') }}
),

listed as (
    select
        'approach_' || direction as approach_dir,
        feature_index,
        feature_name,
        base_feature,
        set,
        count(*) filter (set = 'vector') over (partition by direction) as vector_width,
        count(*) over (partition by direction) as width
    from {{ ref('mbo_trigger_vector_features') }}
    where set in ('vector', 'context')
),

widths as (
    select distinct
        approach_dir,
        width
    from listed
),

moment as (
    select
        unnest({{ moment_features() }}) as name,
        unnest(range({{ moment_features() | length }})) as place
),

-- in the order of retrieval_vectors
compared as (
    select
        approach_dir,
        if(set = 'vector', feature_index, vector_width + feature_index) as feature_index,
        feature_name,
        base_feature
    from listed
    union all
    select
        widths.approach_dir,
        widths.width + moment.place as feature_index,
        moment.name as feature_name,
        moment.name as base_feature
    from widths
    cross join moment
),

-- the rest of a name after its feature: block and order of difference
named as (
    select
        *,
        left(feature_name, length(feature_name) - length(base_feature)) as part
    from compared
),

images as (
    select
        'approach_up' as approach_dir,
        up_feature as base_feature,
        'approach_down' as image_dir,
        down_feature as image_feature,
        mirror_sign
    from mirrors
    union all
    select
        'approach_down' as approach_dir,
        down_feature as base_feature,
        'approach_up' as image_dir,
        up_feature as image_feature,
        mirror_sign
    from mirrors
)

select
    named.approach_dir,
    cast(named.feature_index as integer) as feature_index,
    named.feature_name,
    cast(found.feature_index as integer) as mirror_feature_index,
    cast(if(found.feature_index is null, null, images.mirror_sign) as integer) as mirror_sign
from named
left join images
    on
        named.approach_dir = images.approach_dir
        and named.base_feature = images.base_feature
left join named as found
    on
        images.image_dir = found.approach_dir
        and images.image_feature = found.base_feature
        and named.part = found.part
order by named.approach_dir, named.feature_index
