with
level_labels as (
  select * from "gold"."level_labels"
),
decisions as (
  select * from "silver"."level_decisions"
  where
  not is_eligible
  and (is_primary or not is_active)
),
kinds as (
  select unnest(['fixed', 'vol']) as barrier_kind
),
horizons as (
  select
  horizon_id,
  elapsed_s,
  bars
  from (values ('s120',
      120,
      null),
    ('s240',
      240,
      null),
    ('s480',
      480,
      null),
    ('h0',
      null,
      0),
    ('h1',
      null,
      1),
    ('h2',
      null,
      2),
    ('h3',
      null,
      3),
    ('h4',
      null,
      4),
    ('h5',
      null,
      5),
    ('h6',
      null,
      6)) as horizons (horizon_id,
    elapsed_s,
    bars)
),
not_eligible as (
  select
  decisions.symbol,
  decisions.dt,
  decisions.level_id,
  decisions.window_end_ts,
  kinds.barrier_kind,
  horizons.horizon_id,
  case
  when not decisions.window_valid then 'invalid_window'
  when not decisions.is_active then 'inactive_level'
  when decisions.approach_dir = 'approach_none' then 'no_approach'
  when decisions.barrier_ticks is null then 'no_sigma'
  else 'beyond_barrier'
  end as label_reason,
  decisions.sigma_1s_ticks,
  decisions.barrier_min_ticks,
  cast(
    coalesce(
      elapsed_s,
      120 * (bars + 1)
      - cast(epoch(decisions.window_end_ts) as bigint) % 120
    ) as integer
  ) as horizon_s,
  decisions.x_ticks as x0_ticks
  from decisions
  cross join kinds
  cross join horizons
),
outcomes as (
  select * from level_labels
  union all by name
  select
  * exclude (sigma_1s_ticks, barrier_min_ticks),
  cast(
    case
    when barrier_kind = 'fixed' then 8
    when sigma_1s_ticks is not null
    then greatest(barrier_min_ticks, least(40, floor(
          1.0 * sigma_1s_ticks * sqrt(horizon_s)
          + 0.5
    )))
    end as integer
  )
  as barrier_ticks
  from not_eligible
)
select
symbol,
dt,
level_id,
window_end_ts,
barrier_kind,
horizon_id,
decision_phase,
outcome,
outcome_dir,
label_reason,
barrier_ticks,
horizon_s,
x0_ticks,
touched,
touch_ts,
outcome_after_touch,
reached,
reached_ts,
outcome_reached,
reached_hit_ts,
exit_ts,
exit_x_ticks,
mfe_to_exit_ticks,
mae_to_exit_ticks,
whipsaw_reached,
first_hit_ts,
time_to_hit_s,
second_hit_ts,
whipsaw_flag,
mfe_ticks,
mae_ticks,
adverse_before_hit_ticks,
episode_id,
label_end_ts,
label_end_ts as available_from_ts
from outcomes
