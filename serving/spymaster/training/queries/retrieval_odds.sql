-- Odds of retrieval for decisions, as the last evaluation judged them, and how alike the neighbors
-- of the answer are
select
    keys.number,
    predictions.model,
    predictions.p_break,
    predictions.p_reject,
    predictions.p_chop,
    answers.mean_similarity
from keys
inner join gold.eval_retrieval_predictions as predictions
    on
        keys.symbol = predictions.symbol
        and keys.dt = predictions.dt
        and keys.level_id = predictions.level_id
        and keys.window_end_ts = predictions.window_end_ts
left join gold.retrieval_answers as answers
    on
        keys.symbol = answers.symbol
        and keys.dt = answers.dt
        and keys.level_id = answers.level_id
        and keys.window_end_ts = answers.window_end_ts
        and answers.horizon_id = $horizon_id
where
    predictions.slice = 'all'
    and list_contains($models, predictions.model)
    and predictions.approach_dir = $approach_dir
    and predictions.decision_phase = $phase
    and predictions.horizon_id = $horizon_id
order by keys.number, predictions.model
