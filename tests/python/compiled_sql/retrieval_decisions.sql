with
families as (
  select distinct
  root,
  retrieval_family
  from "gold"."retrieval_families"
),
level_vectors as (
  select
  * exclude (context),
  coalesce(cast(vector_down as float[]), cast(vector_up as float[])) as vector,
  cast(context as float[]) as context
  from "gold"."mbo_trigger_vectors"
),
decisions as (
  select
  *,
  cast(timezone('America/New_York', timezone('UTC', window_end_ts)) as date) as session_date,
  replace(approach_dir, 'approach_', '') as direction
  from "silver"."level_decisions"
  where
  (is_primary or is_eligible)
  and approach_dir != 'approach_none'
),
levels as (
  select * from "silver"."levels_1s"
),
market_vectors as (
  select * from "gold"."market_feature_vectors"
),
described as (
  select
  format(
    '{}_{}_{}_{}',
    decisions.symbol,
    decisions.level_id,
    decisions.direction,
    cast(epoch(decisions.window_end_ts) as bigint)
  ) as vector_id,
  decisions.symbol,
  decisions.dt,
  decisions.session_date,
  decisions.level_id,
  decisions.window_end_ts,
  levels.level_price_int,
  decisions.k_ticks,
  decisions.approach_dir,
  decisions.decision_phase,
  cast(
    (epoch(decisions.window_end_ts) - epoch({
          'start_ts': timezone('UTC', timezone('America/New_York', decisions.session_date + time '09:30')),
          'end_ts': timezone('UTC', timezone('America/New_York', decisions.session_date + time '12:30'))
        }.start_ts))
    // 120 as integer
  ) as candle_id,
  case
  when decisions.first_window_end_ts is not null
  then format(
    '{}_{}_{}_{}_{}',
    decisions.symbol,
    strftime(decisions.dt, '%Y-%m-%d'),
    decisions.level_id,
    replace(decisions.approach_dir, 'approach_', ''),
    cast(epoch(decisions.first_window_end_ts) as bigint)
  )
  end as episode_id,
  cast(market_vectors.vector as float[]) as vector,
  cast(null as float[]) as context
  from decisions
  inner join market_vectors
  on
  decisions.symbol = market_vectors.symbol
  and decisions.dt = market_vectors.dt
  and decisions.window_end_ts = market_vectors.window_end_ts
  inner join levels
  on
  decisions.symbol = levels.symbol
  and decisions.dt = levels.dt
  and decisions.window_end_ts = levels.window_end_ts
  and decisions.level_id = levels.level_id
),
compared as (
  select
  families.retrieval_family,
  level_vectors.vector_id,
  level_vectors.symbol,
  level_vectors.dt,
  level_vectors.session_date,
  level_vectors.level_id,
  level_vectors.window_end_ts,
  level_vectors.level_price_int,
  level_vectors.k_ticks,
  level_vectors.approach_dir,
  level_vectors.decision_phase,
  level_vectors.candle_id,
  level_vectors.episode_id,
  level_vectors.vector,
  level_vectors.context
  from level_vectors
  inner join families
  on
  case
  when level_vectors.symbol in ['AAPL'] then level_vectors.symbol
  else nullif(regexp_extract(level_vectors.symbol, '^([A-Z0-9]+)[FGHJKMNQUVXZ][0-9]{1,2}$', 1), '')
  end = families.root
  and families.retrieval_family = 'level'
  union all
  select
  families.retrieval_family,
  described.vector_id,
  described.symbol,
  described.dt,
  described.session_date,
  described.level_id,
  described.window_end_ts,
  described.level_price_int,
  described.k_ticks,
  described.approach_dir,
  described.decision_phase,
  described.candle_id,
  described.episode_id,
  described.vector,
  described.context
  from described
  inner join families
  on
  case
  when described.symbol in ['AAPL'] then described.symbol
  else nullif(regexp_extract(described.symbol, '^([A-Z0-9]+)[FGHJKMNQUVXZ][0-9]{1,2}$', 1), '')
  end = families.root
  and families.retrieval_family = 'market'
)
select
vector_id,
symbol,
dt,
session_date,
level_id,
window_end_ts,
level_price_int,
k_ticks,
approach_dir,
decision_phase,
candle_id,
episode_id,
retrieval_family,
vector,
context
from compared
