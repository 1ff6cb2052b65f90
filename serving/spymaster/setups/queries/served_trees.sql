-- The trees that serve a decision, if they were useful on the days before they began to, and what
-- they read of it beside the features of the moment
select
    registry.model_id,
    registry.content_hash,
    list_concat(vectors.vector, vectors.context) as vector,
    outcomes.x0_ticks,
    vectors.candle_id,
    epoch_ns(vectors.window_end_ts) // 1000000000 as window_end_s
from gold.retrieval_vectors as vectors
inner join gold.model_registry as registry
    on
        vectors.approach_dir = registry.approach_dir
        and coalesce(vectors.decision_phase, 'approaching') = registry.unit
        and vectors.session_date between registry.first_dt and registry.last_dt
inner join silver.level_decisions as decisions
    on
        vectors.symbol = decisions.symbol
        and vectors.dt = decisions.dt
        and vectors.level_id = decisions.level_id
        and vectors.window_end_ts = decisions.window_end_ts
inner join gold.level_outcomes as outcomes
    on
        vectors.symbol = outcomes.symbol
        and vectors.dt = outcomes.dt
        and vectors.level_id = outcomes.level_id
        and vectors.window_end_ts = outcomes.window_end_ts
        and decisions.barrier_mode = outcomes.barrier_kind
        and registry.horizon_id = outcomes.horizon_id
where
    vectors.symbol = $symbol
    and vectors.dt = $dt
    and vectors.vector_id = $vector_id
    and registry.root = $root
    and registry.horizon_id = $horizon_id
    and registry.head = 'outcome'
    and registry.claimant = $claimant
    and registry.verdict_before = 'useful'
