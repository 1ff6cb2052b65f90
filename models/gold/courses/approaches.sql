-- noqa: disable=LT02
{{ partitioned_by(
    'approach_course_1s',
    inputs=['level_labels', 'retrieval_answers'],
    optional=['turn_states_1s', 'turn_states_mbp_1s', 'level_corridor_1s', 'wall_surface_1s'],
    contents=['eval_retrieval_verdict_asof', 'trigger_thresholds'],
) }}

{% set phases = ['approaching', 'at', 'through', 'back'] %}
{# moments of a course whose odds are kept #}
{% set moments = ['start', 'near', 'touch', 'after'] %}
{% set odds = ['p_break', 'p_reject', 'p_chop', 'base_break', 'base_reject', 'base_chop', 'n_eff',
    'n_distinct_days', 'n_distinct_episodes', 'verdict', 'no_odds_reason'] %}

with

courses as (
    select * from {{ ref('course_odds_1s') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

turn_conditions as (
    select * from {{ ref('conditions_in_use_1s') }}
    where {{ in_partition() }}
),

corridor as (
    select * from {{ ref('level_corridor_1s') }}
    where {{ in_partition() }}
),

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where {{ in_partition() }}
),

thresholds as (
    select * from {{ ref('trigger_thresholds') }}
    where root = {{ root_of(partition_value('symbol')) }}
),

level_definitions as (
    select * from {{ ref('level_definitions') }}
),

decisions as (
    select
        level_id,
        approach_dir,
        window_end_ts,
        barrier_mode
    from {{ ref('level_decisions') }}
    where
        {{ in_partition() }}
        and is_eligible
),

-- of the contract's own kind of barriers
labels as (
    select
        level_labels.level_id,
        level_labels.window_end_ts,
        decisions.approach_dir,
        level_labels.outcome_reached,
        level_labels.exit_x_ticks - level_labels.x0_ticks as result_ticks
    from {{ ref('level_labels') }} as level_labels
    inner join decisions
        on
            level_labels.level_id = decisions.level_id
            and level_labels.window_end_ts = decisions.window_end_ts
            and level_labels.barrier_kind = decisions.barrier_mode
    where
        {{ in_partition('level_labels.symbol', 'level_labels.dt') }}
        and level_labels.horizon_id = '{{ var("signal_horizon") }}'
),

seconds as (
    select
        *,
        if(phase is distinct from lag(phase) over course, elapsed_s, null) as phase_began_s
    from courses
    window course as (partition by course_id order by window_end_ts)
),

runs as (
    select
        course_id,
        any_value(level_id) as level_id,
        any_value(direction) as direction,
        any_value(level_price_int) as level_price_int,
        any_value(barrier_ticks) as barrier_ticks,
        any_value(started_ts) as started_ts,
        any_value(reached_ts) as reached_ts,
        max(window_end_ts) filter (x is not null) as last_ts,
        any_value(resolved) as resolved,
        any_value(resolved_ts) as resolved_ts,
        any_value(ended_by) as ended_by,
        max(max_x) as max_x,
        min(min_x_since_reached) as min_x_since_reached,
        min(window_end_ts) filter (since_reached_s is not null) as near_ts,
        min(window_end_ts) filter (max_x >= 0) as touch_ts,
        min(window_end_ts) filter (max_x >= 0) + interval {{ var('course_after_touch_s') }} second
            as after_ts,
        {% for phase in phases %}
            cast(count(*) filter (phase = '{{ phase }}') as integer)
                as {{ phase }}_s{{ "," if not loop.last }}
        {% endfor %}
    from seconds
    group by course_id
),

-- states as a course sees them; what one held before the course came to its phase does not count
states_of_seconds as (
    select
        seconds.course_id,
        seconds.phase,
        turn_conditions.conditions_basis,
        {{ state_of_course(
            'turn_conditions.state', 'turn_conditions.level_side', 'seconds.direction'
        ) }} as state,
        struct_pack(
            held_s := least(
                turn_conditions.held_s,
                seconds.elapsed_s - max(seconds.phase_began_s) over (
                    partition by seconds.course_id
                    order by seconds.window_end_ts
                ) + 1
            ),
            earlier := -seconds.elapsed_s
        ) as holding
    from seconds
    left join turn_conditions
        on
            seconds.level_id = turn_conditions.level_id
            and seconds.window_end_ts = turn_conditions.window_end_ts
),

-- the state that held longest while price approached, and while it was at the level
states as (
    select
        course_id,
        any_value(conditions_basis) as conditions_basis,
        {% for phase in ['approaching', 'at'] %}
            arg_max(state, holding) filter (phase = '{{ phase }}') as {{ phase }}_state,
            max(holding) filter (phase = '{{ phase }}').held_s
                as {{ phase }}_state_held_s{{ "," if not loop.last }}
        {% endfor %}
    from states_of_seconds
    where state is not null
    group by course_id
),

-- the largest wall at the level or past it when the course begins
walls as (
    select
        runs.course_id,
        runs.direction,
        runs.started_ts,
        runs.last_ts,
        corridor.beyond_wall_ratio as wall_ratio,
        cast(corridor.beyond_wall_depth as bigint) as wall_qty,
        runs.level_price_int // contract_day.tick_int
        + if(runs.direction = 'up', 1, -1) * corridor.beyond_wall_from_ticks as near_tick,
        runs.level_price_int // contract_day.tick_int
        + if(runs.direction = 'up', 1, -1) * corridor.beyond_wall_to_ticks as far_tick
    from runs
    inner join corridor
        on
            runs.level_id = corridor.level_id
            and runs.started_ts = corridor.window_end_ts
    cross join contract_day
    where
        corridor.beyond_wall_ratio >= {{ var('ladder_wall_ratio') }}
        and corridor.beyond_wall_depth >= {{ var('ladder_min_contracts') }}
),

-- what left its prices until the last second of the course that is known
flows_of_walls as (
    select
        walls.course_id,
        sum(wall.fill_qty) filter (wall.window_end_ts > walls.started_ts) as fill_qty,
        sum(wall.depth_qty_end) filter (wall.window_end_ts = walls.last_ts) as last_qty
    from walls
    cross join contract_day
    inner join wall
        on
            walls.started_ts <= wall.window_end_ts
            and walls.last_ts >= wall.window_end_ts
            and wall.side = if(walls.direction = 'up', 'A', 'B')
            and wall.price_int between
            least(walls.near_tick, walls.far_tick) * contract_day.tick_int
            and greatest(walls.near_tick, walls.far_tick) * contract_day.tick_int
    group by walls.course_id
),

-- fewer than half of its contracts are left: eaten when trades took half of what is gone
fates as (
    select
        walls.*,
        case
            when coalesce(flows.last_qty, 0) * 2 >= walls.wall_qty then 'held'
            when
                coalesce(flows.fill_qty, 0) * 2 >= walls.wall_qty - coalesce(flows.last_qty, 0)
                then 'eaten'
            else 'pulled'
        end as wall_fate
    from walls
    left join flows_of_walls as flows on walls.course_id = flows.course_id
),

-- a position in the direction of the larger of both odds, where it is above its base rate
followed as (
    select
        touch.course_id,
        case
            when touch.p_break > touch.p_reject and touch.p_break > touch.base_break
                then labels.result_ticks - thresholds.cost_ticks
            when touch.p_reject > touch.p_break and touch.p_reject > touch.base_reject
                then -labels.result_ticks - thresholds.cost_ticks
        end as followed_ticks
    from runs
    inner join courses as touch
        on
            runs.course_id = touch.course_id
            and runs.touch_ts = touch.window_end_ts
    inner join labels
        on
            touch.level_id = labels.level_id
            and touch.odds_ts = labels.window_end_ts
            and 'approach_' || touch.direction = labels.approach_dir
    cross join thresholds
)

select
    runs.course_id,
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    runs.level_id,
    level_definitions.level_kind,
    runs.direction,
    runs.level_price_int / {{ price_scale() }} as level_price,
    runs.level_price_int,
    runs.barrier_ticks,
    runs.started_ts,
    {{ ny_local('runs.started_ts') }} as started_ny,
    runs.reached_ts,
    runs.resolved,
    runs.resolved_ts,
    runs.ended_by,
    {% for phase in phases %}
        runs.{{ phase }}_s,
    {% endfor %}
    runs.max_x,
    runs.min_x_since_reached,
    states.approaching_state,
    states.approaching_state_held_s,
    states.at_state,
    states.at_state_held_s,
    states.conditions_basis,
    fates.near_tick * contract_day.tick_int / {{ price_scale() }} as wall_price,
    fates.wall_qty,
    fates.wall_ratio,
    fates.wall_fate,
    {% for moment in moments %}
        {% for column in odds %}
            odds_{{ moment }}.{{ column }} as {{ moment }}_{{ column }},
        {% endfor %}
    {% endfor %}
    labels.outcome_reached,
    followed.followed_ticks
from runs
cross join contract_day
inner join level_definitions on runs.level_id = level_definitions.level_id
left join states on runs.course_id = states.course_id
left join fates on runs.course_id = fates.course_id
{% for moment in moments %}
    left join courses as odds_{{ moment }}
        on
            runs.course_id = odds_{{ moment }}.course_id
            and runs.{{ 'started' if moment == 'start' else moment }}_ts
            = odds_{{ moment }}.window_end_ts
{% endfor %}
left join labels
    on
        runs.level_id = labels.level_id
        and runs.started_ts = labels.window_end_ts
        and 'approach_' || runs.direction = labels.approach_dir
left join followed on runs.course_id = followed.course_id
order by runs.started_ts, runs.level_id
