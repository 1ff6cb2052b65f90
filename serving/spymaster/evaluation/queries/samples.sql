with

vectors as (
    select * from gold.retrieval_vectors
    where approach_dir = $approach_dir and list_contains($phases, decision_phase)
),

-- labels of the barriers that the contract's decisions use
outcomes as (
    select
        labels.*,
        (epoch_ns(labels.reached_hit_ts) - epoch_ns(labels.window_end_ts)) / 1e9
            as reached_time_to_hit_s
    from gold.level_outcomes as labels
    inner join silver.level_decisions as decisions
        on
            labels.symbol = decisions.symbol
            and labels.dt = decisions.dt
            and labels.level_id = decisions.level_id
            and labels.window_end_ts = decisions.window_end_ts
            and labels.barrier_kind = decisions.barrier_mode
    where labels.horizon_id = $horizon_id and labels.outcome_reached is not null
),

offsets as (
    select * from silver.level_offset_1s
),

kinds as (
    select level_id, level_kind from silver.level_definitions
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
    kinds.level_kind,
    vectors.episode_id,
    vectors.decision_phase,
    vectors.window_end_ts,
    epoch_ns(vectors.window_end_ts) // 1000000000 as window_end_s,
    vectors.candle_id,
    vectors.vector,
    vectors.context,
    vectors.k_ticks,
    offsets.k_vol,
    offsets.speed_15s,
    offsets.sigma_1s_ticks,
    outcomes.outcome_reached as outcome,
    -- only paths that last the whole horizon count: of a shorter path it would be known that the
    -- level was reached, but never that it was not
    case
        when
            outcomes.outcome != 'CENSORED'
            and epoch_ns(outcomes.label_end_ts) // 1000000000
            >= epoch_ns(outcomes.window_end_ts) // 1000000000 + outcomes.horizon_s
            then outcomes.reached
    end as reached,
    epoch_ns(outcomes.label_end_ts) // 1000000000 as label_end_s,
    outcomes.x0_ticks,
    outcomes.barrier_ticks,
    outcomes.horizon_s,
    outcomes.reached_time_to_hit_s as time_to_hit_s,
    outcomes.mfe_ticks,
    outcomes.mae_ticks
from vectors
inner join selected
    on
        vectors.session_date = selected.session_date
        and vectors.symbol = selected.selected_symbol
inner join outcomes
    on
        vectors.symbol = outcomes.symbol
        and vectors.dt = outcomes.dt
        and vectors.level_id = outcomes.level_id
        and vectors.window_end_ts = outcomes.window_end_ts
inner join offsets
    on
        vectors.symbol = offsets.symbol
        and vectors.dt = offsets.dt
        and vectors.level_id = offsets.level_id
        and vectors.window_end_ts = offsets.window_end_ts
inner join kinds on vectors.level_id = kinds.level_id
where vectors.episode_id is not null
order by vectors.session_date, vectors.window_end_ts, vectors.level_id
