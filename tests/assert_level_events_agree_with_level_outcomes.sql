-- An event that falls on a decision of its episode has the labels of that decision, where barriers
-- and horizon are the same: both follow the same trades from the same moment.
with

moments as (
    select * from {{ ref('level_event_moments') }}
    where {{ untested_partitions('level_events') }}
),

events as (
    select
        moments.symbol,
        moments.dt,
        moments.level_id,
        moments.event_ts,
        moments.episode_id,
        labels.horizon_min,
        labels.outcome,
        labels.excursion_max_ticks,
        labels.excursion_min_ticks,
        labels.label_end_ts
    from moments
    inner join {{ ref('level_event_labels') }} as labels
        on
            moments.symbol = labels.symbol
            and moments.event_id = labels.event_id
),

outcomes as (
    select * from {{ ref('level_outcomes') }}
    where barrier_kind = 'fixed' and outcome is not null
),

constants as (
    select * from {{ ref('engine_constants') }}
    where name = 'threshold_2_ticks'
)

select
    events.*,
    outcomes.outcome as outcome_of_decision,
    outcomes.mfe_ticks,
    outcomes.mae_ticks
from events
inner join outcomes
    on
        events.symbol = outcomes.symbol
        and events.dt = outcomes.dt
        and events.level_id = outcomes.level_id
        and events.event_ts = outcomes.window_end_ts
        and events.episode_id = outcomes.episode_id
        and events.horizon_min * 60 = outcomes.horizon_s
inner join constants on outcomes.barrier_ticks = constants.value
where
    outcomes.horizon_id[1] = 's'
    and (
        events.outcome != outcomes.outcome
        or events.excursion_max_ticks != outcomes.mfe_ticks
        or events.excursion_min_ticks != outcomes.mae_ticks
        or events.label_end_ts != outcomes.label_end_ts
    )
