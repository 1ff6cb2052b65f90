-- noqa: disable=LT02,RF02
{{ partitioned_by(
    'conditions_in_use_1s', inputs=['level_ladder_1s', 'physics_bands_1s', 'recording_gaps']
) }}

{{ config(prepare='set_retest_seconds') }}

with

{{ retest_steps() }},

turn_conditions as (
    select * from {{ ref('conditions_in_use_1s') }}
    where {{ in_partition() }}
),

physics_bands as (
    select * from {{ ref('physics_bands_1s') }}
    where {{ in_partition() }}
),

-- the view of the ladder computes a second as it is read: a constant list of seconds keeps it from
-- computing the day, which a join does not
ladder as (
    select * from {{ ref('level_ladder_1s') }}
    where
        {{ in_partition() }}
        and coalesce(list_contains(getvariable('retest_seconds'), window_end_ts), true)
),

states as (
    select
        window_end_ts,
        level_id,
        list(bid_state order by point_offset) as bid_states,
        list(ask_state order by point_offset) as ask_states
    from ladder
    where window_end_ts in (select events.retest_window_end_ts from events)
    group by window_end_ts, level_id
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    events.level_id,
    events.approach_dir,
    events.basis,
    {{ conditions_basis('contract_day.book_source') }} as conditions_basis,
    events.level_tick * contract_day.tick_int as level_price_int,
    events.approach_ts,
    make_timestamp_ns(events.cross_ns) as cross_ts,
    events.cross_tick * contract_day.tick_int as cross_price_int,
    make_timestamp_ns(events.broken_ns) as broken_ts,
    make_timestamp(events.broken_end_s * 1000000) as broken_window_end_ts,
    make_timestamp_ns(events.retest_ns) as retest_ts,
    events.retest_tick * contract_day.tick_int as retest_price_int,
    events.retest_window_end_ts,
    (events.retest_ns - events.broken_ns) / 1e9 as retest_wait_s,
    cast(events.excursion_ticks as integer) as excursion_ticks,
    cast(events.retest_x_ticks as integer) as retest_x_ticks,
    cast(events.deepest_x_ticks as integer) as deepest_x_ticks,
    turn_conditions.c1,
    turn_conditions.c2,
    turn_conditions.c3,
    turn_conditions.c4,
    turn_conditions.state as turn_state,
    turn_conditions.recent_state as recent_turn_state,
    turn_conditions.missing,
    turn_conditions.held_s,
    physics_bands.above_score,
    physics_bands.below_score,
    states.bid_states,
    states.ask_states,
    events.outcome,
    make_timestamp_ns(events.outcome_ns) as outcome_ts,
    events.label_end_ts,
    events.label_end_ts as available_from_ts
from events
cross join contract_day
left join turn_conditions
    on
        events.retest_window_end_ts = turn_conditions.window_end_ts
        and events.level_id = turn_conditions.level_id
left join physics_bands on events.retest_window_end_ts = physics_bands.window_end_ts
left join states
    on
        events.retest_window_end_ts = states.window_end_ts
        and events.level_id = states.level_id
order by events.basis, events.level_id, events.approach_dir, events.broken_ns
