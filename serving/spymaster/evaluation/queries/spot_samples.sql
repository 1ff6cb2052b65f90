-- The judged moments of a direction without a level, with the columns of samples.sql
with

vectors as (
    select vectors.*
    from gold.spot_vectors as vectors
    semi join gold.spot_answers as answers on vectors.vector_id = answers.vector_id
    where vectors.approach_dir = $approach_dir
),

moments as (
    select * from silver.spot_moments
),

-- of the contract's own kind of barriers
outcomes as (
    select labels.*
    from gold.spot_outcomes as labels
    inner join moments
        on
            labels.symbol = moments.symbol
            and labels.dt = moments.dt
            and labels.window_end_ts = moments.window_end_ts
            and labels.barrier_kind = moments.barrier_mode
    where labels.horizon_id = $horizon_id
),

-- the contract a trader would have used that day, known before its session
selected as (
    select root, session_date, selected_symbol from silver.mbo_contract_day_selection
    where root = $root
)

select
    vectors.symbol,
    vectors.dt,
    vectors.session_date,
    vectors.level_id,
    vectors.level_id as level_kind,
    vectors.episode_id,
    vectors.window_end_ts,
    epoch_ns(vectors.window_end_ts) // 1000000000 as window_end_s,
    vectors.candle_id,
    cast(vectors.vector as float[]) as vector,
    cast(vectors.context as float[]) as context,
    vectors.k_ticks,
    cast(vectors.k_ticks as double) as k_vol,
    moments.speed_15s,
    moments.sigma_1s_ticks,
    outcomes.outcome,
    -- barriers lie around spot: price is there from the start
    case when outcomes.outcome != 'CENSORED' then true end as reached,
    epoch_ns(outcomes.label_end_ts) // 1000000000 as label_end_s,
    vectors.k_ticks as x0_ticks,
    outcomes.barrier_ticks,
    outcomes.horizon_s,
    outcomes.time_to_hit_s,
    outcomes.mfe_ticks,
    outcomes.mae_ticks
from vectors
inner join selected
    on
        vectors.session_date = selected.session_date
        and vectors.symbol = selected.selected_symbol
inner join moments
    on
        vectors.symbol = moments.symbol
        and vectors.dt = moments.dt
        and vectors.window_end_ts = moments.window_end_ts
inner join outcomes
    on
        vectors.symbol = outcomes.symbol
        and vectors.dt = outcomes.dt
        and vectors.window_end_ts = outcomes.window_end_ts
where vectors.episode_id is not null
order by vectors.session_date, vectors.window_end_ts
