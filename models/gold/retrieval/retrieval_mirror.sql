-- noqa: disable=RF04
{{ config(materialized='table') }}

with

mirrors as (
    select * from {{ ref('feature_mirrors') }}
),

level_features as (
    select * from {{ ref('mbo_trigger_vector_features') }}
    where set in ('vector', 'context')
),

market_features as (
    select
        feature_index,
        feature_name,
        {{ market_mirror_name('feature_name') }} as image_name,
        {{ market_mirror_sign('feature_name') }} as image_sign
    from {{ ref('market_feature_vector_features') }}
),

-- the context of both families has the same elements; market features may bear names of context
features as (
    select
        'level' as retrieval_family,
        direction,
        feature_index,
        feature_name,
        base_feature,
        set,
        false as is_market
    from level_features
    union all
    select
        'market' as retrieval_family,
        direction,
        feature_index,
        feature_name,
        base_feature,
        set,
        false as is_market
    from level_features
    where set = 'context'
    union all
    select
        'market' as retrieval_family,
        directions.direction,
        market_features.feature_index,
        market_features.feature_name,
        market_features.feature_name as base_feature,
        'vector' as set,
        true as is_market
    from market_features
    cross join (values ('down'), ('up')) as directions (direction)
),

listed as (
    select
        retrieval_family,
        'approach_' || direction as approach_dir,
        feature_index,
        feature_name,
        base_feature,
        set,
        is_market,
        count(*) filter (set = 'vector') over direction_of_family as vector_width,
        count(*) over direction_of_family as width
    from features
    window direction_of_family as (partition by retrieval_family, direction)
),

widths as (
    select distinct
        retrieval_family,
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
        retrieval_family,
        approach_dir,
        if(set = 'vector', feature_index, vector_width + feature_index) as feature_index,
        feature_name,
        base_feature,
        is_market
    from listed
    union all
    select
        widths.retrieval_family,
        widths.approach_dir,
        widths.width + moment.place as feature_index,
        moment.name as feature_name,
        moment.name as base_feature,
        false as is_market
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
        families.retrieval_family,
        'approach_up' as approach_dir,
        mirrors.up_feature as base_feature,
        'approach_down' as image_dir,
        mirrors.down_feature as image_feature,
        mirrors.mirror_sign,
        false as is_market
    from mirrors
    cross join (values ('level'), ('market')) as families (retrieval_family)
    union all
    select
        families.retrieval_family,
        'approach_down' as approach_dir,
        mirrors.down_feature as base_feature,
        'approach_up' as image_dir,
        mirrors.up_feature as image_feature,
        mirrors.mirror_sign,
        false as is_market
    from mirrors
    cross join (values ('level'), ('market')) as families (retrieval_family)
    union all
    select
        'market' as retrieval_family,
        directions.approach_dir,
        market_features.feature_name as base_feature,
        directions.image_dir,
        market_features.image_name as image_feature,
        market_features.image_sign as mirror_sign,
        true as is_market
    from market_features
    cross join (
        values ('approach_up', 'approach_down'), ('approach_down', 'approach_up')
    ) as directions (approach_dir, image_dir)
)

select
    named.retrieval_family,
    named.approach_dir,
    cast(named.feature_index as integer) as feature_index,
    named.feature_name,
    cast(found.feature_index as integer) as mirror_feature_index,
    cast(if(found.feature_index is null, null, images.mirror_sign) as integer) as mirror_sign
from named
left join images
    on
        named.retrieval_family = images.retrieval_family
        and named.approach_dir = images.approach_dir
        and named.is_market = images.is_market
        and named.base_feature = images.base_feature
left join named as found
    on
        images.retrieval_family = found.retrieval_family
        and images.image_dir = found.approach_dir
        and images.is_market = found.is_market
        and images.image_feature = found.base_feature
        and named.part = found.part
order by named.retrieval_family, named.approach_dir, named.feature_index
