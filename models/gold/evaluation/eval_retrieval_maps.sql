{{ config(materialized='table') }}

{% set columns = {
    'root': 'varchar',
    'approach_dir': 'varchar',
    'horizon_id': 'varchar',
    'model': 'varchar',
    'asof_dt': 'date',
    'outcome': 'varchar',
    'slope': 'double',
    'intercept': 'double',
    'least_probability': 'double',
    'n_predictions': 'integer',
} %}

with evaluation as (
    {{ read_evaluation(columns) }}
)

select
    root,
    approach_dir,
    horizon_id,
    model,
    asof_dt,
    outcome,
    slope,
    intercept,
    least_probability,
    n_predictions
from evaluation
order by root, horizon_id, approach_dir, model, asof_dt, outcome
