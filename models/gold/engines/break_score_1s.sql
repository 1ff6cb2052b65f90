-- noqa: disable=LT02,RF04
{{ partitioned_by(
    'barrier_engine_1s',
    inputs=['tape_engine_1s', 'fuel_engine_1s', 'level_book_1s'],
) }}

{% set part = engine_const('s_t_part') %}
{% set band_ticks = engine_const('confluence_band_ticks') %}

with

levels as (
    select * from {{ ref('engine_levels_1s') }}
    where {{ in_partition() }}
),

barriers as (
    select * from {{ ref('barrier_engine_1s') }}
    where {{ in_partition() }}
),

tapes as (
    select * from {{ ref('tape_engine_1s') }}
    where {{ in_partition() }}
),

fuels as (
    select * from {{ ref('fuel_engine_1s') }}
    where {{ in_partition() }}
),

level_book as (
    select * from {{ ref('level_book_1s') }}
    where {{ in_partition() }}
),

parts as (
    select
        levels.*,
        barriers.state,
        barriers.churn,
        list_avg([barriers.confidence, tapes.confidence]) as mean_confidence,
        cast(
            case barriers.state
                when 'VACUUM' then 100
                when 'WEAK' then {{ engine_const('s_l_weak') }}
                when 'CONSUMED' then {{ engine_const('s_l_consumed') }}
                when 'NEUTRAL' then {{ engine_const('s_l_neutral') }}
                when 'WALL' then 0
                when 'ABSORPTION' then 0
            end as double
        ) as s_l,
        cast(
            case
                when levels.direction is null then null
                when fuels.effect = 'AMPLIFY' then 100
                when fuels.effect = 'DAMPEN' then 0
                else {{ engine_const('s_h_neutral') }}
            end as double
        ) as s_h,
        case
            when levels.direction is null then null
            when
                tapes.sweep_direction = levels.break_direction
                and tapes.sweep_age_s <= {{ engine_const('w_velocity_s') }}
                then 100
            else
                {{ part }} * least(
                    1,
                    {{ in_direction('tapes.velocity_ticks_s') }}
                    / {{ engine_const('velocity_ref_ticks_s') }}
                )
                + {{ part }} * {{ in_direction('tapes.imbalance') }}
        end as s_t
    from levels
    inner join barriers
        on
            levels.window_end_ts = barriers.window_end_ts
            and levels.level_id = barriers.level_id
    inner join tapes
        on
            levels.window_end_ts = tapes.window_end_ts
            and levels.level_id = tapes.level_id
    inner join fuels
        on
            levels.window_end_ts = fuels.window_end_ts
            and levels.level_id = fuels.level_id
),

scores as (
    select
        *,
        case
            when s_l is not null
                then least(
                    greatest(
                        {{ engine_const('w_l') }} * s_l
                        + {{ engine_const('w_h') }} * s_h
                        + {{ engine_const('w_t') }} * s_t,
                        0
                    ),
                    100
                )
        end as score_raw
    from parts
),

scored_before as (
    {{ own_rows({
        'window_start_ts': 'timestamp',
        'window_end_ts': 'timestamp',
        'level_id': 'varchar',
        'k_ticks': 'integer',
        'direction': 'varchar',
        'score_raw': 'double',
        'score_smooth': 'double',
        'signal': 'varchar',
    }) }}
),

-- Seconds before, as far as a signal must hold, bring a machine to where it was: the first smoothed
-- score is what smoothing goes on with, a signal of REJECT says that price has touched the level.
machine_rows as (
    select
        window_start_ts,
        window_end_ts,
        level_id,
        direction,
        abs(k_ticks) <= {{ engine_const('touch_band_ticks') }} as is_touched,
        coalesce(state = 'CONSUMED' and churn > {{ engine_const('contested_activity') }}, false)
            as can_contest,
        score_raw
    from scores
    where
        window_end_ts > (
            select coalesce(max(scored_before.window_end_ts), timestamp '-infinity')
            from scored_before
        )
    union all
    select
        window_start_ts,
        window_end_ts,
        level_id,
        direction,
        abs(k_ticks) <= {{ engine_const('touch_band_ticks') }} or coalesce(signal = 'REJECT', false)
            as is_touched,
        false as can_contest,
        if(
            window_end_ts = min(window_end_ts) over (partition by level_id),
            score_smooth,
            score_raw
        ) as score_raw
    from scored_before
),

-- a machine per level, which the order of seconds drives
numbered as (
    select
        window_end_ts,
        level_id,
        struct_pack(
            second_s := cast(epoch(window_start_ts) as bigint),
            level_no := dense_rank() over (order by level_id) - 1,
            direction := case direction when 'RESISTANCE' then 1 when 'SUPPORT' then -1 else 0 end,
            is_touched := cast(is_touched as bigint),
            can_contest := cast(can_contest as bigint),
            score_raw := score_raw
        ) as score
    from machine_rows
),

row_list as (
    select
        list(window_end_ts order by level_id, window_end_ts) as window_end_ts,
        list(level_id order by level_id, window_end_ts) as level_id,
        list(score order by level_id, window_end_ts) as score
    from numbered
),

signals as (
    select
        unnest(window_end_ts) as window_end_ts,
        unnest(level_id) as level_id,
        -- a column per field of the result
        unnest(  -- noqa: AL03
            signal_states(
                score,
                struct_pack(
                    {% for setting, name in {
                        'tau_s': 'tau_score',
                        'hold_s': 'hold_s',
                        'break_min': 'break_score_min',
                        'reject_max': 'reject_score_max',
                        'contested_low': 'contested_low',
                        'contested_high': 'contested_high',
                    }.items() %}
                        {{ setting }} := {{ engine_const(name) }}{{ "," if not loop.last }}
                    {% endfor %}
                )
            ),
            recursive := true
        )
    from row_list
    where score is not null
),

-- the levels of a second by priority, for those that wait on the way and those that confirm each
-- other; sorted once it is a list: an ordered aggregate makes room for thousands of rows a second
constellations as (
    select
        levels_1s.window_end_ts,
        list_sort(list(struct_pack(
            priority := level_definitions.priority,
            level_id := levels_1s.level_id,
            level_tick := levels_1s.level_tick,
            is_primary := levels_1s.is_primary,
            weight := level_definitions.weight
        ))) as all_levels
    from {{ ref('levels_1s') }} as levels_1s
    inner join {{ ref('level_definitions') }} as level_definitions
        on levels_1s.level_id = level_definitions.level_id
    where
        {{ in_partition('levels_1s.symbol', 'levels_1s.dt') }}
        and levels_1s.is_active
        and levels_1s.window_end_ts in (select levels.window_end_ts from levels)
    group by levels_1s.window_end_ts
),

around as (
    select
        scores.*,
        list_min(
            list_transform(
                list_filter(
                    constellations.all_levels,
                    other -> other.is_primary
                    and case scores.break_direction
                        when 'UP' then other.level_tick > scores.level_tick
                        when 'DOWN' then other.level_tick < scores.level_tick
                    end
                ),
                other -> struct_pack(
                    ticks := cast(abs(other.level_tick - scores.level_tick) as integer),
                    level_id := other.level_id
                )
            )
        ) as runway,
        list_filter(
            constellations.all_levels,
            other -> other.level_id != scores.level_id
            and abs(other.level_tick - scores.level_tick) <= {{ band_ticks }}
        ) as neighbors,
        case scores.defending_side
            when 'A' then level_book.ask_max_depth
            when 'B' then level_book.bid_max_depth
        end as max_depth,
        case scores.defending_side
            when 'A' then level_book.ask_max_depth_ticks
            when 'B' then level_book.bid_max_depth_ticks
        end as max_depth_ticks,
        case scores.defending_side
            when 'A' then level_book.ask_spot_depth
            when 'B' then level_book.bid_spot_depth
        end / {{ zone_ticks() }} as spot_depth_per_tick
    from scores
    inner join constellations on scores.window_end_ts = constellations.window_end_ts
    left join level_book
        on
            scores.window_start_ts = level_book.window_start_ts
            and scores.level_tick = level_book.level_tick
)

select
    around.symbol,
    around.dt,
    around.window_start_ts,
    around.window_end_ts,
    around.level_id,
    around.level_price_int,
    around.k_ticks,
    around.direction,
    around.break_direction,
    around.in_monitor_band,
    around.s_l,
    around.s_h,
    around.s_t,
    around.score_raw,
    signals.score_smooth,
    signals.signal,
    {{ implied_dir('signals.signal', 'around.break_direction') }} as implied_dir,
    {{ signal_means('signals.signal', 'around.break_direction', 'around.level_id') }}
        as signal_means,
    case
        when around.score_raw is null then null
        when around.mean_confidence >= {{ engine_const('confidence_high') }} then 'HIGH'
        when around.mean_confidence >= {{ engine_const('confidence_medium') }} then 'MEDIUM'
        else 'LOW'
    end as confidence,
    around.break_direction as runway_direction,
    struct_extract(around.runway, 'level_id') as runway_next_level_id,
    struct_extract(around.runway, 'ticks') as runway_ticks,
    case
        when not around.window_valid or around.max_depth is null then null
        when
            around.max_depth > 0
            and around.max_depth
            >= {{ engine_const('runway_wall_ratio') }} * around.spot_depth_per_tick
            and coalesce(around.max_depth_ticks <= struct_extract(around.runway, 'ticks'), true)
            then 'OBSTRUCTED'
        else 'CLEAR'
    end as runway_quality,
    coalesce(list_sum(list_transform(around.neighbors, other -> other.weight)), 0)
        as confluence_weight,
    list_transform(around.neighbors, other -> other.level_id) as confluence_levels
from around
inner join signals
    on
        around.window_end_ts = signals.window_end_ts
        and around.level_id = signals.level_id
order by around.level_id, around.window_end_ts
