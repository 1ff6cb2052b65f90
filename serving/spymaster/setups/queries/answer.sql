-- The published answers of a decision, or of a moment without a level, by horizon: none for a
-- moment off the grid of the library; $outcomes and $answers name the relations of its family
select
    outcomes.horizon_id,
    outcomes.horizon_s,
    outcomes.barrier_ticks,
    outcomes.is_judged,
    outcomes.space,
    outcomes.p_break_raw,
    outcomes.p_reject_raw,
    outcomes.p_chop_raw,
    outcomes.p_break,
    outcomes.p_reject,
    outcomes.p_chop,
    outcomes.p_reached,
    outcomes.distance_band,
    outcomes.base_break,
    outcomes.base_reject,
    outcomes.base_chop,
    outcomes.base_reached,
    outcomes.base_all_break,
    outcomes.base_all_reject,
    outcomes.base_all_chop,
    outcomes.base_all_reached,
    outcomes.n_neighbors,
    outcomes.n_distinct_days,
    outcomes.n_distinct_episodes,
    outcomes.n_eff,
    outcomes.neighbors_ok,
    outcomes.mean_similarity,
    outcomes.similarity_floor,
    outcomes.is_similar,
    outcomes.entropy,
    outcomes.time_to_hit_q50_s,
    outcomes.mfe_q50_ticks,
    outcomes.mfe_q80_ticks,
    outcomes.mae_q50_ticks,
    outcomes.mae_q80_ticks,
    answers.risk_q80_ticks,
    answers.resolve_rate,
    answers.whipsaw_rate,
    answers.result_ticks,
    answers.result_lo_ticks,
    answers.result_n_eff,
    outcomes.verdict,
    outcomes.verdict_run,
    outcomes.p_break_cal,
    outcomes.p_reject_cal,
    outcomes.p_chop_cal,
    outcomes.calibration_id,
    outcomes.library_last_dt
from query_table($outcomes) as outcomes
inner join query_table($answers) as answers
    on
        outcomes.symbol = answers.symbol
        and outcomes.dt = answers.dt
        and outcomes.vector_id = answers.vector_id
        and outcomes.horizon_id = answers.horizon_id
where
    outcomes.symbol = $symbol
    and outcomes.dt = $dt
    and outcomes.vector_id = $vector_id
    and answers.symbol = $symbol
    and answers.dt = $dt
    and answers.vector_id = $vector_id
order by outcomes.horizon_s, outcomes.horizon_id;
