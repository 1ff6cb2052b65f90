-- noqa: disable=RF04
-- The published log-loss of every model follows from its published odds: each episode has weight 1,
-- whatever the number of its judged windows, and the verdict's skill is a difference of two.
with

predictions as (
    select * from {{ ref('eval_retrieval_predictions') }}
    where not regexp_matches(model, '_(platt|isotonic)$')
),

metrics as (
    select * from {{ ref('eval_retrieval_metrics') }}
    where
        slice in ('all', 'decisions')
        and metric = 'log_loss'
        and not starts_with(model, 'ablation_')
),

verdicts as (
    select
        *,
        if(scope = 'pooled', 'all', scope) as slice
    from {{ ref('eval_retrieval_verdict') }}
    where scope in ('pooled', 'decisions') and not regexp_matches(model, '_(platt|isotonic)$')
),

losses as (
    select
        {{ root_of('symbol') }} as root,
        approach_dir,
        decision_phase,
        horizon_id,
        slice,
        model,
        episode_id,
        -ln(
            greatest(
                case outcome when 'BREAK' then p_break when 'REJECT' then p_reject else p_chop end,
                1e-6
            )
        ) as loss
    from predictions
),

episodes as (
    select
        root,
        approach_dir,
        decision_phase,
        horizon_id,
        slice,
        model,
        episode_id,
        avg(loss) as loss
    from losses
    group by all
),

recomputed as (
    select
        root,
        approach_dir,
        decision_phase,
        horizon_id,
        slice,
        model,
        avg(loss) as log_loss
    from episodes
    group by all
),

differing as (
    select
        coalesce(metrics.root, recomputed.root) as root,
        coalesce(metrics.approach_dir, recomputed.approach_dir) as approach_dir,
        coalesce(metrics.decision_phase, recomputed.decision_phase) as decision_phase,
        coalesce(metrics.horizon_id, recomputed.horizon_id) as horizon_id,
        coalesce(metrics.slice, recomputed.slice) as slice,
        coalesce(metrics.model, recomputed.model) as model,
        metrics.value as published,
        recomputed.log_loss as expected
    from metrics
    full join recomputed
        on
            metrics.root = recomputed.root
            and metrics.approach_dir = recomputed.approach_dir
            and metrics.decision_phase = recomputed.decision_phase
            and metrics.horizon_id = recomputed.horizon_id
            and metrics.slice = recomputed.slice
            and metrics.model = recomputed.model
    where coalesce(abs(metrics.value - recomputed.log_loss) > 1e-9, true)
),

differing_verdicts as (
    select
        verdicts.root,
        verdicts.approach_dir,
        verdicts.decision_phase,
        verdicts.horizon_id,
        verdicts.slice,
        verdicts.model,
        verdicts.skill as published,
        rival.log_loss - own.log_loss as expected
    from verdicts
    left join recomputed as own
        on
            verdicts.root = own.root
            and verdicts.approach_dir = own.approach_dir
            and verdicts.decision_phase = own.decision_phase
            and verdicts.horizon_id = own.horizon_id
            and verdicts.slice = own.slice
            and verdicts.model = own.model
    left join recomputed as rival
        on
            verdicts.root = rival.root
            and verdicts.approach_dir = rival.approach_dir
            and verdicts.decision_phase = rival.decision_phase
            and verdicts.horizon_id = rival.horizon_id
            and verdicts.slice = rival.slice
            and verdicts.best_baseline = rival.model
    where
        verdicts.n_episodes > 0
        and coalesce(abs(verdicts.skill - (rival.log_loss - own.log_loss)) > 1e-9, true)
)

select * from differing
union all
select * from differing_verdicts
