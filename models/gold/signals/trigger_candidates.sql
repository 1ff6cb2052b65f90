{{ config(materialized='view') }}

with

vectors as (
    select
        vector_id,
        symbol,
        dt,
        level_id,
        window_end_ts,
        session_date,
        approach_dir,
        episode_id
    from {{ ref('mbo_trigger_vectors') }}
),

answers as (
    select
        *,
        greatest(p_break, p_reject, p_chop) as p_top1,
        list_sort([p_break, p_reject, p_chop], 'DESC') as ordered
    from {{ ref('retrieval_answers') }}
    where horizon_id = '{{ var("signal_horizon") }}'
),

thresholds as (
    select * from {{ ref('trigger_thresholds') }}
)

-- the published order of columns
select  -- noqa: ST06
    vectors.symbol,
    vectors.dt,
    vectors.level_id,
    vectors.window_end_ts,
    vectors.vector_id,
    vectors.session_date,
    thresholds.root,
    vectors.approach_dir,
    vectors.episode_id,
    answers.p_break,
    answers.p_reject,
    answers.p_chop,
    answers.p_top1,
    answers.ordered[1] - answers.ordered[2] as margin,
    answers.risk_q80_ticks,
    answers.resolve_rate,
    answers.whipsaw_rate,
    case
        when answers.top_class in ('BREAK', 'REJECT')
            then answers.top_class || if(
                (vectors.approach_dir = 'approach_up') = (answers.top_class = 'BREAK'),
                '_UP',
                '_DOWN'
            )
        else answers.top_class
    end as c_top1,
    case answers.top_class
        when 'BREAK' then answers.base_break
        when 'REJECT' then answers.base_reject
        when 'CHOP' then answers.base_chop
    end as base_top1,
    answers.neighbors_ok,
    answers.n_eff,
    -- labels, and with them odds, are only defined between the barriers
    case
        when vectors.episode_id is null then 'beyond_barrier'
        when not answers.neighbors_ok then 'too_few_neighbors'
        when answers.top_class = 'CHOP' then 'top_is_chop'
    end as ineligible_reason,
    case
        when (answers.p_chop <= thresholds.p_chop_max) is not true then 'chop_high'
        when (answers.risk_q80_ticks <= thresholds.risk_q80_ticks_max) is not true then 'risk_high'
        when (answers.resolve_rate >= thresholds.resolve_rate_min) is not true then 'resolve_low'
        when (answers.whipsaw_rate <= thresholds.whipsaw_rate_max) is not true then 'whipsaw_high'
    end as shape_reason
from vectors
inner join answers
    on vectors.vector_id = answers.vector_id
inner join thresholds
    on {{ root_of('vectors.symbol') }} = thresholds.root
