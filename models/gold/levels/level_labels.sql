{{ partitioned_by('level_decisions', inputs=['recording_gaps']) }}

with

decisions as (
    select
        -- every label has barriers of its own
        * exclude (barrier_ticks),
        cast(epoch(window_end_ts) as bigint) as decision_s,
        if(approach_dir = 'approach_up', 1, -1) as direction,
        row_number() over (order by window_end_ts, level_id) as decision_no
    from {{ ref('level_decisions') }}
    where
        {{ in_partition() }}
        and is_eligible
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

recording_gaps as (
    select * from {{ ref('recording_gaps') }}
    where {{ in_partition() }}
),

{{ level_label_rows() }}
