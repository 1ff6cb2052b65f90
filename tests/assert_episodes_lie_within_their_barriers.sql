-- The nearest window of an episode lies within the barrier of that very window: a barrier by
-- volatility differs from window to window, and may be wider than the fixed one.
with

episodes as (
    select * from {{ ref('approach_episodes') }}
    where {{ untested_partitions('approach_episodes') }}
),

eligible_windows as (
    select
        symbol,
        dt,
        level_id,
        approach_dir,
        first_window_end_ts,
        abs(k_ticks) as distance_ticks,
        barrier_ticks
    from {{ ref('level_decisions') }}
    where {{ untested_partitions('approach_episodes') }} and is_eligible
)

select
    episodes.episode_id,
    episodes.min_abs_k
from episodes
anti join eligible_windows
    on
        episodes.symbol = eligible_windows.symbol
        and episodes.dt = eligible_windows.dt
        and episodes.level_id = eligible_windows.level_id
        and episodes.approach_dir = eligible_windows.approach_dir
        and episodes.first_window_end_ts = eligible_windows.first_window_end_ts
        and episodes.min_abs_k = eligible_windows.distance_ticks
        and episodes.min_abs_k < eligible_windows.barrier_ticks
