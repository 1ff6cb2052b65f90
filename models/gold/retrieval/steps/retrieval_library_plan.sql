with

library_days as (
    select * from {{ ref('retrieval_library_days') }}
),

asof_days as (
    select * from {{ ref('retrieval_days') }}
),

families as (
    select distinct
        root,
        retrieval_family
    from {{ ref('retrieval_families') }}
),

context_width as (
    select count(*) as n_features
    from {{ ref('mbo_trigger_vector_features') }}
    where
        set = 'context'
        and direction = 'up'
),

features as (
    select
        'level' as retrieval_family,
        'approach_' || direction as approach_dir,
        md5(concat_ws(
            '|',
            string_agg(set || feature_name, '|' order by set desc, feature_index asc),
            '{{ moment_features() | join("|") }}'
        )) as feature_list_hash,
        count(*) filter (set = 'context') + {{ moment_features() | length }} as n_context
    from {{ ref('mbo_trigger_vector_features') }}
    where set in ('vector', 'context')
    group by direction
    union all
    select
        'market' as retrieval_family,
        mirrors.approach_dir,
        md5(concat_ws(
            '|', 'market', string_agg(mirrors.feature_name, '|' order by mirrors.feature_index)
        )) as feature_list_hash,
        any_value(context_width.n_features) + {{ moment_features() | length }} as n_context
    from {{ ref('retrieval_mirror') }} as mirrors
    cross join context_width
    where mirrors.retrieval_family = 'market'
    group by mirrors.approach_dir
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
        '{{ library_horizons() | join(",") }}'
    )) as input_fingerprint
from directions
inner join everything on directions.root = everything.root
inner join families on directions.root = families.root
inner join features
    on
        families.retrieval_family = features.retrieval_family
        and directions.approach_dir = features.approach_dir
