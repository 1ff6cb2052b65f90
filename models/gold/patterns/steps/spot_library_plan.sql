with

library_days as (
    select * from {{ ref('spot_library_days') }}
),

asof_days as (
    select * from {{ ref('spot_days') }}
),

features as (
    select
        md5(string_agg(set || feature_name, '|' order by set desc, feature_index asc))
            as feature_list_hash,
        count(*) filter (set = 'context') as n_context
    from {{ ref('spot_vector_features') }}
),

-- the last date sees every day
everything as (
    select
        root,
        max(dt) as asof_dt,
        max_by(md5(input_fingerprint || labels_fingerprint), dt) as days_fingerprint
    from asof_days
    group by root
),

directions as (
    select
        root,
        approach_dir,
        sum(n_vectors) as n_vectors
    from library_days
    group by root, approach_dir
)

select
    directions.root || '|' || directions.approach_dir as library_key,
    directions.root,
    directions.approach_dir,
    everything.asof_dt,
    cast(directions.n_vectors as bigint) as n_vectors,
    features.n_context,
    features.feature_list_hash,
    md5(concat_ws(
        '|',
        everything.days_fingerprint,
        features.feature_list_hash,
        '{{ library_horizons() | join(",") }}',
        '{{ var("spot_every_s") }}'
    )) as input_fingerprint
from directions
inner join everything on directions.root = everything.root
cross join features
