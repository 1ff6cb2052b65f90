{{ partitioned_by(
    'spot_vectors',
    inputs=['spot_days', 'spot_days.labels_fingerprint'],
    contents=['spot_mirror'],
) }}

with

queries as (
    {{ retrieval_queries(
        is_spot_query('vectors.window_end_ts'), 'spot_vectors', 'spot_pools', has_phases=false
    ) }}
),

decisions as (
    select
        'spot' as level_id,
        *
    from {{ ref('spot_moments') }}
    where {{ in_partition() }}
),

{{ answers_of_queries('spot_library_files', 'spot_norm_stats', has_phases=false) }}
