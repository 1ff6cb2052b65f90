-- depends_on: {{ ref('retrieval_vectors') }}
with

vector_versions as (
    select * from {{ partition_versions('retrieval_vectors') }}
),

asof_days as (
    select * from {{ ref('retrieval_asof_input') }}
),

mirror as (
    select
        md5(string_agg(
            concat_ws('|', feature_name, mirror_feature_index, mirror_sign), ';'
            order by approach_dir, feature_index
        )) as mirror_hash
    from {{ ref('retrieval_mirror') }}
)

select
    vector_versions.symbol,
    vector_versions.dt,
    asof_days.root,
    md5(concat_ws(
        '|',
        vector_versions.input_fingerprint,
        asof_days.input_fingerprint,
        asof_days.labels_fingerprint,
        mirror.mirror_hash
    )) as input_fingerprint
from vector_versions
inner join asof_days
    on
        {{ root_of('vector_versions.symbol') }} = asof_days.root
        and vector_versions.dt = asof_days.dt
cross join mirror
