-- depends_on: {{ ref('retrieval_answers') }}
-- depends_on: {{ ref('level_decisions') }}
{% set inputs = ['retrieval_answers', 'level_decisions'] %}

with

{% for input in inputs %}
    {{ input }} as (
        select * from {{ partition_versions(input) }}
    ),
{% endfor %}

thresholds as (
    select
        root,
        -- a whole row
        md5(cast(trigger_thresholds as varchar)) as thresholds_hash
    from {{ ref('trigger_thresholds') }} as trigger_thresholds  -- noqa: AL05
),

-- a verdict holds until the next one
verdicts as (
    select
        *,
        {{ verdict_has_held() }} as has_held,
        lead(asof_dt, 1, 'infinity') over (
            partition by root, approach_dir, horizon_id, model
            order by asof_dt
        ) as next_asof_dt
    from {{ ref('eval_retrieval_verdict_asof') }}
    where horizon_id = '{{ var("signal_horizon") }}'
),

verdicts_of_days as (
    select
        retrieval_answers.symbol,
        retrieval_answers.dt,
        string_agg(
            concat_ws(
                '|',
                verdicts.verdict_run,
                verdicts.approach_dir,
                verdicts.verdict,
                verdicts.has_held
            ),
            ';'
            order by verdicts.approach_dir, verdicts.model
        ) as verdicts_in_force
    from retrieval_answers
    inner join verdicts
        on
            {{ root_of('retrieval_answers.symbol') }} = verdicts.root
            and retrieval_answers.dt >= verdicts.asof_dt
            and retrieval_answers.dt < verdicts.next_asof_dt
    group by retrieval_answers.symbol, retrieval_answers.dt
)

select
    retrieval_answers.symbol,
    retrieval_answers.dt,
    thresholds.root,
    md5(concat_ws(
        '|',
        retrieval_answers.input_fingerprint,
        level_decisions.input_fingerprint,
        thresholds.thresholds_hash,
        coalesce(verdicts_of_days.verdicts_in_force, ''),
        '{{ tojson(var("trigger_threshold_grid"), sort_keys=true) }}',
        '{{ tojson(var("trigger_search_limits"), sort_keys=true) }}'
    )) as input_fingerprint
from retrieval_answers
inner join level_decisions
    on
        retrieval_answers.symbol = level_decisions.symbol
        and retrieval_answers.dt = level_decisions.dt
inner join thresholds
    on {{ root_of('retrieval_answers.symbol') }} = thresholds.root
left join verdicts_of_days
    on
        retrieval_answers.symbol = verdicts_of_days.symbol
        and retrieval_answers.dt = verdicts_of_days.dt
