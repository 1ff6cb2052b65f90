{{ config(
    materialized='view',
    post_hook="{{ record_partition_state(partition_versions('retrieval_answers')) }}",
) }}

with answers as (
    select * from {{ ref('retrieval_answers') }}
)

-- the published order of columns
select  -- noqa: ST06
    symbol,
    dt,
    level_id,
    window_end_ts,
    horizon_id,
    vector_id,
    approach_dir,
    pool_level_id,
    space,
    p_break_raw,
    p_reject_raw,
    p_chop_raw,
    p_break,
    p_reject,
    p_chop,
    base_break,
    base_reject,
    base_chop,
    n_neighbors,
    n_distinct_days,
    n_distinct_episodes,
    n_eff,
    neighbors_ok,
    mean_similarity,
    entropy,
    time_to_hit_q50_s,
    mfe_q50_ticks,
    mfe_q80_ticks,
    mae_q50_ticks,
    mae_q80_ticks,
    cast(null as double) as p_break_cal,
    cast(null as double) as p_reject_cal,
    cast(null as double) as p_chop_cal,
    cast(null as varchar) as calibration_id,
    library_last_dt
from answers
