-- Rows of courses, their records and ladders; follows hud_lake_approaches.sql

-- through a level that rises slowly, back from a level that is not quite reached, and under way
create temporary table steps as
select
    seconds.*,
    named.level_id,
    named.direction,
    named.first,
    named.last,
    named.level_tick,
    named.sense * (seconds.spot_tick - named.level_tick) as x
from seconds
inner join (
    select
        unnest(['sma_90', 'or_high', 'pm_low']) as level_id,
        unnest(['up', 'up', 'down']) as direction,
        unnest([1, 1, -1]) as sense,
        unnest([940, 1900, 2300]) as first,
        unnest([1180, 2099, 2500]) as last,
        unnest(cast([26611, 26622, 26590] as bigint [])) as level_tick
) as named
    on seconds.second between named.first and named.last
where seconds.spot_tick is not null;

create temporary table courses as
select
    *,
    min(second) filter (where x >= -2) over (partition by level_id) as reached_second,
    max(x) over (partition by level_id order by second) as max_x,
    if(second >= reached_second, second - reached_second, null) as since_reached_s,
    case
        when since_reached_s is null then 'approaching'
        when abs(x) <= 1 then 'at'
        when x > 1 then 'through'
        else 'back'
    end as phase
from steps;

-- the answer of the last decision that is a multiple of five seconds; of or_high each kind in turn
create temporary table answers as
select
    courses.*,
    decisions.second as odds_second,
    decisions.phase as odds_phase,
    decisions.x as odds_x,
    case
        when courses.second < courses.first + 10 then 'short_history'
        when courses.level_id = 'or_high'
            then
                list_extract(
                    [null, 'too_few', 'nothing_like_it', 'outside_study_hours'],
                    1 + decisions.second // 20 % 4
                )
    end as no_odds_reason,
    no_odds_reason is null as has_odds,
    no_odds_reason is null or no_odds_reason in ('too_few', 'nothing_like_it') as is_answered,
    case decisions.phase
        when 'approaching' then 0.25
        when 'at' then 0.375
        when 'through' then 0.625
        when 'back' then 0.125
    end as chance
from courses
left join courses as decisions
    on
        courses.level_id = decisions.level_id
        and courses.second - courses.second % 5 = decisions.second;

insert into gold.course_odds_1s by name
select
    symbol,
    dt,
    window_end_ts,
    level_id,
    symbol || '_' || dt || '_' || level_id || '_' || first as course_id,
    direction,
    level_tick * getvariable('tick_int') as level_price_int,
    8 as barrier_ticks,
    getvariable('start_ts') + to_seconds(first + 1) as started_ts,
    x,
    phase,
    if(
        since_reached_s is null,
        null,
        cast(getvariable('start_ts') + to_seconds(reached_second + 1) as timestamp_ns)
    ) as reached_ts,
    max_x,
    if(since_reached_s is null, null, -2) as min_x_since_reached,
    second - first as elapsed_s,
    since_reached_s,
    if(level_id = 'sma_90' and second = last, 'BREAK', null) as resolved,
    if(resolved is null, null, cast(window_end_ts as timestamp_ns)) as resolved_ts,
    if(level_id = 'or_high' and second = last, 'recording_gap', null) as ended_by,
    if(is_answered, getvariable('start_ts') + to_seconds(odds_second + 1), null) as odds_ts,
    if(is_answered, odds_phase, null) as odds_phase,
    if(is_answered, odds_x, null) as odds_x,
    240 as odds_horizon_s,
    if(has_odds, chance, null) as p_break,
    if(has_odds, 0.75 - chance, null) as p_reject,
    if(has_odds, 0.25, null) as p_chop,
    if(has_odds, 0.3125, null) as base_break,
    if(has_odds, 0.5, null) as base_reject,
    if(has_odds, 0.1875, null) as base_chop,
    if(no_odds_reason = 'too_few', 3, if(is_answered, 11, null)) as n_distinct_days,
    if(no_odds_reason = 'too_few', 9, if(is_answered, 79, null)) as n_distinct_episodes,
    if(has_odds, 67.25, null) as n_eff,
    if(has_odds, 'not shown', null) as verdict,
    no_odds_reason
from answers;

-- approaches of the day before, and one of this day, which is no record yet
insert into gold.approaches by name
select
    level_id || '_' || place as course_id,
    getvariable('symbol') as symbol,
    getvariable('day') - if(place = 8, 0, 1) as dt,
    level_id,
    direction,
    getvariable('start_ts') as started_ts,
    if(place = 7, null, cast(getvariable('start_ts') as timestamp_ns)) as reached_ts,
    case when place < 4 then 'BREAK' when place < 6 then 'REJECT' else 'UNRESOLVED' end as resolved
from (select unnest(['sma_90', 'or_high']) as level_id, 'up' as direction) as levels_up
cross join (select range as place from range(9)) as places;

insert into gold.eval_turn_conditions by name
select
    'ES' as root,
    's240' as horizon_id,
    'orders' as conditions_basis,
    'at_once' as basis,
    'all' as slice,
    unnest(['all_four', 'ahead_only']) as state,
    unnest(['not shown', 'useful']) as verdict;

insert into silver.level_ladder_1s by name
with

rungs as (
    select
        levels.*,
        cast(level_tick - spot_tick as integer) as k_ticks,
        offsets.point_offset,
        k_ticks + offsets.point_offset * 4 as from_ticks,
        from_ticks + 3 as to_ticks,
        abs(second + level_tick + offsets.point_offset * 7) % 60 as qty,
        list_extract(
            ['quiet', 'wall_holds', 'pulled', 'thin', 'building', 'eaten', 'wall_pulled'],
            1 + (second // 10 + offsets.point_offset + 4) % 7
        ) as state,
        5.0 * round((level_tick + offsets.point_offset * 4 + 1.5) / 20) as strike_points
    from levels
    cross join (select unnest(range(-4, 5)) as point_offset) as offsets
    where
        spot_tick is not null
        and is_active
        and abs(level_tick - spot_tick) <= 44
)

select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    level_id,
    level_tick * getvariable('tick_int') as level_price_int,
    k_ticks,
    cast(point_offset as integer) as point_offset,
    if(is_null, null, if(from_ticks <= 0, qty, 0)) as bid_depth,
    if(is_null, null, if(to_ticks >= 0, 59 - qty, 0)) as ask_depth,
    if(is_null, null, 20.5 + point_offset) as bid_usual_depth,
    if(is_null, null, 24.5 - point_offset) as ask_usual_depth,
    if(is_null or from_ticks > 0, null, state) as bid_state,
    if(is_null or to_ticks < 0, null, state) as ask_state,
    if(second = getvariable('no_gex'), null, rungs.strike_points) as strike_points,
    if(second = getvariable('no_gex'), null, second % 20 / 20.0) as call_physics,
    if(second = getvariable('no_gex'), null, -(second % 10) / 10.0) as put_physics,
    if(second = getvariable('no_gex'), null, 100.0 + second % 60) as gex_call_abs,
    if(second = getvariable('no_gex'), null, 150.0 + second % 40) as gex_put_abs,
    window_valid
from rungs;
