-- noqa: disable=LT02
{{ partitioned_by('break_score_1s', inputs=['approach_episodes'], storage='table') }}

with

scores as (
    select * from {{ ref('break_score_1s') }}
    where {{ in_partition() }} and in_monitor_band
),

episodes as (
    select * from {{ ref('approach_episodes') }}
    where {{ in_partition() }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }} and window_valid
),

levels as (
    select * from {{ ref('levels_1s') }}
    where {{ in_partition() }}
),

-- an episode is over when it is known to be, or when the next one begins
courses as (
    select
        *,
        least(
            available_from_ts,
            lead(first_window_end_ts) over (
                partition by level_id, approach_dir
                order by first_window_end_ts
            )
        ) as course_end_ts
    from episodes
),

arrivals as (
    select
        courses.episode_id,
        courses.level_id,
        courses.approach_dir,
        courses.attempt_index,
        min(scores.window_end_ts) as event_ts
    from courses
    inner join scores
        on
            courses.level_id = scores.level_id
            and courses.first_window_end_ts <= scores.window_end_ts
            and courses.course_end_ts > scores.window_end_ts
    inner join snapshot on scores.window_end_ts = snapshot.window_end_ts
    group by
        courses.episode_id, courses.level_id, courses.approach_dir, courses.attempt_index
),

moments as (
    select
        format(
            '{}_{}_{}_{}_{}',
            strftime(scores.dt, '%Y-%m-%d'),
            arrivals.level_id,
            levels.level_tick,
            cast(epoch(arrivals.event_ts) as bigint),
            if(arrivals.approach_dir = 'approach_up', 'UP', 'DOWN')
        ) as event_id,
        scores.symbol,
        scores.dt,
        {{ ny_date('arrivals.event_ts') }} as session_date,
        arrivals.event_ts,
        snapshot.window_start_ts,
        arrivals.level_id,
        levels.level_price,
        levels.level_price_int,
        levels.level_tick,
        if(arrivals.approach_dir = 'approach_up', 'UP', 'DOWN') as direction,
        if(arrivals.approach_dir = 'approach_up', 1, -1) as direction_sign,
        case scores.direction when 'RESISTANCE' then 'A' when 'SUPPORT' then 'B' end
            as defending_side,
        scores.k_ticks,
        snapshot.spot_ref_price as entry_price,
        arrivals.episode_id,
        arrivals.attempt_index
    from arrivals
    inner join scores
        on
            arrivals.level_id = scores.level_id
            and arrivals.event_ts = scores.window_end_ts
    inner join levels
        on
            arrivals.level_id = levels.level_id
            and arrivals.event_ts = levels.window_end_ts
    inner join snapshot on arrivals.event_ts = snapshot.window_end_ts
),

-- attempts are of one cluster until the level has moved too far from its first one
firsts_of_clusters as (
    select
        list(event_id order by event_ts) as event_id,
        list_reduce(
            list(
                [struct_pack(level_tick := level_tick, event_id := event_id)] order by event_ts
            ),
            (firsts, attempt) -> list_append(
                firsts,
                if(
                    abs(attempt[1].level_tick - firsts[-1].level_tick)
                    > {{ var('episode_max_drift_ticks') }},
                    attempt[1],
                    firsts[-1]
                )
            )
        ) as first_attempt
    from moments
    group by level_id, direction
),

clusters as (
    select
        unnest(event_id) as event_id,
        unnest(list_transform(first_attempt, attempt -> attempt.event_id)) as attempt_cluster_id
    from firsts_of_clusters
)

select
    moments.*,
    clusters.attempt_cluster_id
from moments
inner join clusters on moments.event_id = clusters.event_id
order by moments.event_ts, moments.level_id, moments.direction
