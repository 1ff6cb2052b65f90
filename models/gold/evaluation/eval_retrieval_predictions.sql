{{ config(materialized='table') }}

{% set columns = {
    'symbol': 'varchar',
    'dt': 'date',
    'level_id': 'varchar',
    'approach_dir': 'varchar',
    'horizon_id': 'varchar',
    'window_end_ts': 'timestamp',
    'episode_id': 'varchar',
    'slice': 'varchar',
    'model': 'varchar',
    'p_break': 'double',
    'p_reject': 'double',
    'p_chop': 'double',
    'outcome': 'varchar',
    'x0_ticks': 'integer',
    'library_last_dt': 'date',
} %}

with evaluation as (
    {{ read_evaluation(columns) }}
)

select
    symbol,
    dt,
    level_id,
    approach_dir,
    horizon_id,
    window_end_ts,
    episode_id,
    slice,
    model,
    p_break,
    p_reject,
    p_chop,
    outcome,
    x0_ticks,
    library_last_dt
from evaluation
order by horizon_id, approach_dir, dt, window_end_ts, level_id, slice, model
