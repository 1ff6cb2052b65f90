{{ partitioned_by('level_side_changes', inputs=['approach_course_1s']) }}

with

levels as (
    select * from {{ ref('levels_1s') }}
    where {{ in_partition() }} and is_active
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

courses as (
    select * from {{ ref('approach_course_1s') }}
    where {{ in_partition() }}
),

changes as (
    select * from {{ ref('level_side_changes') }}
    where {{ in_partition() }}
),

positions as (
    select
        snapshot.window_start_ts,
        snapshot.window_end_ts,
        snapshot.window_valid,
        levels.level_id,
        levels.level_price_int,
        levels.level_tick,
        cast(
            levels.level_tick - snapshot.spot_ref_price_int // contract_day.tick_int as integer
        ) as k_ticks,
        levels.is_primary
        and {{ is_in_surface_window('snapshot.window_start_ts', 'contract_day.surface_windows') }}
            as has_row
    from levels
    inner join snapshot on levels.window_end_ts = snapshot.window_end_ts
    cross join contract_day
    where snapshot.spot_ref_price_int is not null
),

-- an approach keeps its direction from its start to its resolution, wherever spot is; at the level,
-- price still comes from where it was
directed as (
    select
        positions.*,
        coalesce(
            case courses.direction when 'up' then 1 when 'down' then -1 end,
            changes.side_of_spot
        ) as break_sign
    from positions
    asof left join changes
        on
            positions.level_id = changes.level_id
            and positions.window_end_ts >= changes.window_end_ts
    left join courses
        on
            positions.window_end_ts = courses.window_end_ts
            and positions.level_id = courses.level_id
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    window_start_ts,
    window_end_ts,
    level_id,
    level_price_int,
    level_tick,
    k_ticks,
    case break_sign when 1 then 'RESISTANCE' when -1 then 'SUPPORT' end as direction,
    case break_sign when 1 then 'UP' when -1 then 'DOWN' end as break_direction,
    case break_sign when 1 then 'A' when -1 then 'B' end as defending_side,
    abs(k_ticks) <= {{ engine_const('monitor_band_ticks') }} as in_monitor_band,
    window_valid
from directed
where has_row and abs(k_ticks) <= {{ engine_const('engine_max_k_ticks') }}
order by level_id, window_end_ts
