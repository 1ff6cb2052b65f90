-- noqa: disable=LT02
{{ config(materialized='table') }}

{% set columns = {
    'root': 'varchar',
    'approach_dir': 'varchar',
    'horizon_id': 'varchar',
    'model': 'varchar',
    'asof_dt': 'date',
    'verdict_run': 'varchar',
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
    {% for name in columns %}
        {{ name }}{{ "," if not loop.last }}
    {% endfor %}
from evaluation
order by root, horizon_id, approach_dir, model, asof_dt
