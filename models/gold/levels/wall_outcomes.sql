{{ partitioned_by('wall_fates_1s', inputs=['recording_gaps']) }}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

-- seconds whose wall surface is known
snapshot as (
    select seconds.*
    from {{ ref('book_snapshot_1s') }} as seconds
    cross join contract_day
    where
        {{ in_partition('seconds.symbol', 'seconds.dt') }}
        and seconds.window_valid
        and {{ is_in_surface_window('seconds.window_start_ts', 'contract_day.surface_windows') }}
),

recording_gaps as (
    select * from {{ ref('recording_gaps') }}
    where {{ in_partition() }}
),

-- the last row of each wall in each combination of bands
fates as (
    select * from {{ ref('wall_fates_1s') }}
    where {{ in_partition() }}
    qualify row_number() over (
        partition by moment_ts, side, price_int
        order by window_end_ts desc
    ) = 1
),

path_ends as (
    {{ path_ends('fates', 'moment_ts') }}
),

-- what came after the end of a path does not count
judged as (
    select
        fates.* exclude (reached_ts, outcome),
        case
            when epoch(fates.reached_ts) < path_ends.path_end_s then fates.reached_ts
        end as reached_ts,
        case
            when epoch(fates.window_end_ts) <= path_ends.path_end_s then fates.outcome
        end as outcome,
        make_timestamp(
            coalesce(path_ends.gap_known_s, path_ends.path_end_s) * 1000000
        ) as path_end_known_ts
    from fates
    inner join path_ends on fates.moment_ts = path_ends.moment_ts
)

select
    symbol,
    dt,
    moment_ts as window_end_ts,
    side,
    price_int,
    started_ts,
    age_s,
    distance_ticks,
    depth_qty,
    wall_ratio,
    ratio_from,
    age_from_s,
    distance_from_ticks,
    reached_ts,
    coalesce(outcome, 'censored') as outcome,
    if(outcome is null, path_end_known_ts, window_end_ts) as label_end_ts
from judged
order by moment_ts, side, price_int
