-- The other direction's element that mirrors each element of a spot vector, -1 for none
select
    coalesce(mirror_feature_index, -1) as mirror_column,
    coalesce(mirror_sign, 1) as mirror_sign
from gold.spot_mirror
where approach_dir = $approach_dir
order by feature_index
