{{ config(materialized='table') }}

{% set columns = {
    'root': 'varchar',
    'symbol': 'varchar',
    'dt': 'date',
    'session_date': 'date',
    'level_id': 'varchar',
    'approach_dir': 'varchar',
    'horizon_id': 'varchar',
    'episode_id': 'varchar',
    'outcome_reached': 'varchar',
    'state': 'varchar',
    'first_window_end_ts': 'timestamp',
    'seen_ts': 'timestamp',
    'reached_ts': 'timestamp_ns',
    'move_ts': 'timestamp_ns',
    'hit_ts': 'timestamp_ns',
    'confirmation_end_ts': 'timestamp',
    'lead_to_hit_s': 'double',
    'lead_to_move_s': 'double',
    'lead_to_confirmation_s': 'double',
} %}

with evaluation as (
    {{ read_evaluation(columns) }}
)

select
    root,
    symbol,
    dt,
    session_date,
    level_id,
    approach_dir,
    horizon_id,
    episode_id,
    outcome_reached,
    state,
    first_window_end_ts,
    seen_ts,
    reached_ts,
    move_ts,
    hit_ts,
    confirmation_end_ts,
    lead_to_hit_s,
    lead_to_move_s,
    lead_to_confirmation_s
from evaluation
order by root, horizon_id, session_date, first_window_end_ts, level_id
