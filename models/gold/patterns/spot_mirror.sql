{{ config(materialized='table') }}

with

mirrors as (
    select * from {{ ref('feature_mirrors') }}
),

features as (
    select
        *,
        count(*) filter (set = 'vector') over () as vector_width,
        left(feature_name, length(feature_name) - length(base_feature)) as part
    from {{ ref('spot_vector_features') }}
),

-- in the order of the vector with its context
compared as (
    select
        if(set = 'vector', feature_index, vector_width + feature_index) as feature_index,
        feature_name,
        base_feature,
        part
    from features
),

-- a spot vector has the features of both directions: what feature_mirrors knows of one
given_images as (
    select
        up_feature as base_feature,
        down_feature as image_feature,
        mirror_sign
    from mirrors
    union
    select
        down_feature as base_feature,
        up_feature as image_feature,
        mirror_sign
    from mirrors
),

-- sums over both sides are their own image, differences between them with the other sign; pulled
-- asks have no other image among the features of price coming up
own_images as (
    select
        named.base_feature,
        named.image_feature,
        named.mirror_sign
    from (
        values
        ('f5_vacuum_expansion_log', 'f5_vacuum_expansion_log', 1),
        ('f6_vacuum_decay_log', 'f6_vacuum_decay_log', 1),
        ('f7_vacuum_total_log', 'f7_vacuum_total_log', 1),
        ('u15_up_expansion_log', 'u15_up_expansion_log', -1),
        ('u16_up_flow_log', 'u16_up_flow_log', -1),
        ('u17_up_total_log', 'u17_up_total_log', -1),
        ('f2_ask_pull_intensity_log_rest', 'f4_bid_pull_intensity_log_rest', 1),
        ('f2_ask_at_pull_share_rest', 'f4_bid_at_pull_share_rest', 1),
        ('f2_ask_near_pull_share_rest', 'f4_bid_near_pull_share_rest', 1),
        ('moved_sigmas', 'moved_sigmas', 1)
    ) as named (base_feature, image_feature, mirror_sign)
),

images as (
    select * from given_images
    union all
    select * from own_images
),

imaged as (
    select
        compared.feature_index,
        compared.feature_name,
        found.feature_index as mirror_feature_index,
        case when found.feature_index is not null then images.mirror_sign end as mirror_sign
    from compared
    left join images on compared.base_feature = images.base_feature
    left join compared as found
        on
            images.image_feature = found.base_feature
            and compared.part = found.part
)

select
    directions.approach_dir,
    cast(imaged.feature_index as integer) as feature_index,
    imaged.feature_name,
    cast(imaged.mirror_feature_index as integer) as mirror_feature_index,
    cast(imaged.mirror_sign as integer) as mirror_sign
from imaged
cross join (values ('spot_up'), ('spot_down')) as directions (approach_dir)
order by directions.approach_dir, imaged.feature_index
