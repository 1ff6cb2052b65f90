{{ config(materialized='table') }}

{% set columns = {
    'root': 'varchar',
    'horizon_id': 'varchar',
    'condition_window_s': 'integer',
    'basis': 'varchar',
    'slice': 'varchar',
    'approach_dir': 'varchar',
    'level_kind': 'varchar',
    'distance_band': 'varchar',
    'state': 'varchar',
    'outcome': 'varchar',
    'n_days': 'integer',
    'n_episodes': 'integer',
    'n_windows': 'integer',
    'reached_share': 'double',
    'share': 'double',
    'base_rate': 'double',
    'gain': 'double',
    'gain_lo': 'double',
    'gain_hi': 'double',
    'verdict': 'varchar',
    'n_alarms': 'integer',
    'n_false_alarms': 'integer',
    'false_alarms_per_hour': 'double',
    'log_loss': 'double',
    'rival_log_loss': 'double',
    'skill': 'double',
    'skill_lo': 'double',
    'skill_hi': 'double',
} %}

with evaluation as (
    {{ read_evaluation(columns) }}
)

select
    root,
    horizon_id,
    condition_window_s,
    basis,
    slice,
    approach_dir,
    level_kind,
    distance_band,
    state,
    outcome,
    n_days,
    n_episodes,
    n_windows,
    reached_share,
    share,
    base_rate,
    gain,
    gain_lo,
    gain_hi,
    verdict,
    n_alarms,
    n_false_alarms,
    false_alarms_per_hour,
    log_loss,
    rival_log_loss,
    skill,
    skill_lo,
    skill_hi
from evaluation
order by
    root, horizon_id, condition_window_s, basis, slice, approach_dir, level_kind, distance_band,
    state, outcome
