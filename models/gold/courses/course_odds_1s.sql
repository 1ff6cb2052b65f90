-- noqa: disable=RF02
{{ partitioned_by('retrieval_answers', inputs=['approach_course_1s'], storage='view') }}

{% set shares = ['break', 'reject', 'chop', 'reached'] %}

with

courses as (
    select * from {{ ref('approach_course_1s') }}
),

instruments as (
    select * from {{ ref('contract_days') }}
),

answers as (
    select * from {{ ref('retrieval_outcomes') }}
    where
        horizon_id = '{{ var("signal_horizon") }}'
        and is_judged
),

-- an answer holds until the next one of its course
held as (
    select
        courses.*,
        'approach_' || courses.direction as approach_dir,
        answers.window_end_ts as answer_ts,
        answers.* exclude (symbol, dt, level_id, window_end_ts, approach_dir)
    from courses
    asof left join answers
        on
            courses.symbol = answers.symbol
            and courses.dt = answers.dt
            and courses.level_id = answers.level_id
            and 'approach_' || courses.direction = answers.approach_dir
            and courses.window_end_ts >= answers.window_end_ts
),

answered as (
    select
        *,
        coalesce(answer_ts >= started_ts, false) as has_answer
    from held
)

select
    answered.symbol,
    answered.dt,
    answered.window_end_ts,
    answered.level_id,
    answered.course_id,
    answered.direction,
    answered.level_tick_frozen * instruments.tick_int as level_price_int,
    answered.barrier_ticks,
    answered.started_ts,
    answered.x,
    answered.phase,
    answered.reached_ts,
    answered.max_x,
    answered.min_x_since_reached,
    answered.elapsed_s,
    answered.since_reached_s,
    answered.resolved,
    answered.resolved_ts,
    answered.ended_by,
    {% for column in ['answer_ts', 'vector_id', 'decision_phase', 'distance_band', 'horizon_s'] %}
        if(answered.has_answer, answered.{{ column }}, null) as {{
            {'answer_ts': 'odds_ts', 'decision_phase': 'odds_phase', 'horizon_s': 'odds_horizon_s'}
            .get(column, column)
        }},
    {% endfor %}
    if(
        answered.has_answer,
        if(answered.direction = 'up', -1, 1) * answered.k_ticks,
        null
    ) as odds_x,
    {% for prefix in ['p', 'base'] %}
        {% for share in shares %}
            if(answered.has_answer, answered.{{ prefix }}_{{ share }}, null)
                as {{ prefix }}_{{ share }},
        {% endfor %}
    {% endfor %}
    {% for column in ['n_distinct_days', 'n_distinct_episodes', 'n_eff', 'verdict'] %}
        if(answered.has_answer, answered.{{ column }}, null) as {{ column }},
    {% endfor %}
    case
        when not answered.has_answer
            then if(
                {{ in_session('answered.window_end_ts - interval 1 second', 'rth_study') }},
                'short_history',
                'outside_study_hours'
            )
        when not answered.neighbors_ok then 'too_few'
        when not answered.is_similar then 'nothing_like_it'
        when answered.p_break is null then 'too_few'
    end as no_odds_reason
from answered
inner join instruments
    on
        answered.symbol = instruments.symbol
        and answered.dt = instruments.dt
