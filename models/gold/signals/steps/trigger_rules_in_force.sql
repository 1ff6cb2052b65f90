with

trigger_candidates as (
    select * from {{ partition_versions('trigger_candidates') }}
),

thresholds as (
    select
        root,
        -- a whole row
        md5(cast(trigger_thresholds as varchar)) as thresholds_hash
    from {{ ref('trigger_thresholds') }} as trigger_thresholds  -- noqa: AL05
),

chosen_thresholds as (
    select
        root,
        dt,
        string_agg(
            concat_ws(',', decision_phase, p_top1_min, margin_min), ';' order by decision_phase
        ) as thresholds
    from {{ ref('trigger_threshold_search') }}
    where is_chosen
    group by root, dt
),

condition_records as (
    select
        root,
        dt,
        -- whole rows, one per phase
        md5(string_agg(cast(trigger_condition_record as varchar), ';' order by decision_phase))
            as record_hash
    from {{ ref('trigger_condition_record') }} as trigger_condition_record  -- noqa: AL05
    group by root, dt
),

-- a verdict holds until the next one
verdicts as (
    select
        *,
        {{ verdict_has_held() }} as has_held,
        lead(asof_dt, 1, 'infinity') over (
            partition by root, approach_dir, decision_phase, horizon_id, model
            order by asof_dt
        ) as next_asof_dt
    from {{ ref('eval_retrieval_verdict_asof') }}
    where horizon_id = '{{ var("signal_horizon") }}'
),

verdicts_of_days as (
    select
        trigger_candidates.symbol,
        trigger_candidates.dt,
        string_agg(
            concat_ws(
                '|',
                verdicts.verdict_run,
                verdicts.approach_dir,
                verdicts.decision_phase,
                verdicts.verdict,
                verdicts.has_held
            ),
            ';'
            order by verdicts.approach_dir, verdicts.decision_phase, verdicts.model
        ) as verdicts_in_force
    from trigger_candidates
    inner join verdicts
        on
            {{ root_of('trigger_candidates.symbol') }} = verdicts.root
            and trigger_candidates.dt >= verdicts.asof_dt
            and trigger_candidates.dt < verdicts.next_asof_dt
    group by trigger_candidates.symbol, trigger_candidates.dt
)

select
    trigger_candidates.symbol,
    trigger_candidates.dt,
    thresholds.root,
    verdicts_of_days.verdicts_in_force,
    md5(concat_ws(
        '|',
        thresholds.thresholds_hash,
        coalesce(verdicts_of_days.verdicts_in_force, ''),
        coalesce(chosen_thresholds.thresholds, ''),
        coalesce(condition_records.record_hash, '')
    )) as input_fingerprint
from trigger_candidates
inner join thresholds
    on {{ root_of('trigger_candidates.symbol') }} = thresholds.root
left join verdicts_of_days
    on
        trigger_candidates.symbol = verdicts_of_days.symbol
        and trigger_candidates.dt = verdicts_of_days.dt
left join chosen_thresholds
    on
        thresholds.root = chosen_thresholds.root
        and trigger_candidates.dt = chosen_thresholds.dt
left join condition_records
    on
        thresholds.root = condition_records.root
        and trigger_candidates.dt = condition_records.dt
