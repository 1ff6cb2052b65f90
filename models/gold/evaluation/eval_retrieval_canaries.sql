{{ config(materialized='table') }}

{% set columns = {
    'root': 'varchar',
    'approach_dir': 'varchar',
    'horizon_id': 'varchar',
    'canary': 'varchar',
    'expectation': 'varchar',
    'skill': 'double',
    'skill_lo': 'double',
    'skill_hi': 'double',
    'skill_change': 'double',
    'has_fired': 'boolean',
} %}

with evaluation as (
    {{ read_evaluation(columns) }}
)

select
    root,
    approach_dir,
    horizon_id,
    canary,
    expectation,
    skill,
    skill_lo,
    skill_hi,
    skill_change,
    has_fired
from evaluation
order by root, horizon_id, approach_dir, canary
