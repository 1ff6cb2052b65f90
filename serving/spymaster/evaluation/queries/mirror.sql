-- The other direction's feature that mirrors each feature of a direction, -1 for none
select
    coalesce(mirror_feature_index, -1) as mirror_column,
    coalesce(mirror_sign, 1) as mirror_sign
from gold.retrieval_mirror
where
    retrieval_family = $family
    and approach_dir = $approach_dir
order by feature_index
