-- The mirror image of a mirror image is the feature itself, with the same sign.
select
    features.retrieval_family,
    features.approach_dir,
    features.feature_name
from {{ ref('retrieval_mirror') }} as features
left join {{ ref('retrieval_mirror') }} as images
    on
        features.retrieval_family = images.retrieval_family
        and features.approach_dir != images.approach_dir
        and features.mirror_feature_index = images.feature_index
where
    features.mirror_feature_index is not null
    and (
        images.mirror_feature_index is distinct from features.feature_index
        or images.mirror_sign is distinct from features.mirror_sign
    )
