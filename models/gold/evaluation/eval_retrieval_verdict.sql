{{ config(materialized='table') }}

{% set columns = {
    'root': 'varchar',
    'scope': 'varchar',
    'level_id': 'varchar',
    'approach_dir': 'varchar',
    'horizon_id': 'varchar',
    'model': 'varchar',
    'best_baseline': 'varchar',
    'skill': 'double',
    'skill_lo': 'double',
    'skill_hi': 'double',
    'ece': 'double',
    'ece_chance_q95': 'double',
    'n_days': 'integer',
    'n_episodes': 'integer',
    'verdict': 'varchar',
} %}

with evaluation as (
    {{ read_evaluation(columns) }}
)

select
    root,
    scope,
    level_id,
    approach_dir,
    horizon_id,
    model,
    best_baseline,
    skill,
    skill_lo,
    skill_hi,
    ece,
    ece_chance_q95,
    n_days,
    n_episodes,
    verdict
from evaluation
order by root, horizon_id, approach_dir, scope, level_id, model
