select
    feature_index,
    block,
    base_feature
from gold.mbo_trigger_vector_features
where direction = $direction and "set" = $kind
order by feature_index
