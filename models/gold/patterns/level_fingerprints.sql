-- noqa: disable=LT02,RF02,RF04
{{ partitioned_by('approach_episodes', inputs=['order_fingerprints_5s', 'level_outcomes']) }}

with

episodes as (
    select * from {{ ref('approach_episodes') }}
    where {{ in_partition() }}
),

fingerprints as (
    select * from {{ ref('order_fingerprints_5s') }}
    where {{ in_partition() }}
),

decisions as (
    select * from {{ ref('level_decisions') }}
    where {{ in_partition() }}
),

outcomes as (
    select * from {{ ref('level_outcomes') }}
    where
        {{ in_partition() }}
        and horizon_id = '{{ var('evaluation_horizons')[0] }}'
),

-- with the window before, of the same side
windows as (
    select
        latest.*,
        {{ is_regular('periodicity', now='latest') }} as is_periodic
    from fingerprints as latest
    left join fingerprints as before
        on
            latest.side = before.side
            and latest.window_end_ts = before.window_end_ts + interval 5 second
),

-- the approach up to the first decision, and the window of the touch
moments as (
    select
        episode_id,
        approach_dir,
        'approach' as moment,
        first_window_end_ts - interval {{ var('approach_over_s') }} second as after_ts,
        first_window_end_ts as until_ts
    from episodes
    union all
    select
        episode_id,
        approach_dir,
        'touch' as moment,
        time_bucket(interval 5 second, cast(touch_ts as timestamp), timestamp '1970-01-01')
            as after_ts,
        after_ts + interval 5 second as until_ts
    from episodes
    where touched
),

measured as (
    select
        moments.episode_id,
        moments.moment,
        if((windows.side = 'A') = (moments.approach_dir = 'approach_up'), 'ahead', 'behind')
            as side_role,
        count(*) filter (windows.is_valid) as n_windows,
        {% for name, value in level_prints().items() %}
            {{ value }} as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from moments
    inner join windows
        on
            moments.after_ts < windows.window_end_ts
            and moments.until_ts >= windows.window_end_ts
    group by moments.episode_id, moments.moment, side_role
),

measures as (
    select
        episode_id,
        {% for moment, prefix in {'approach': '', 'touch': 'touch_'}.items() %}
            {% set outer_loop = loop %}
            {% for role in ['ahead', 'behind'] %}
                {% set inner_loop = loop %}
                {% for name in ['n_windows'] + level_prints().keys() | list %}
                    max({{ name }}) filter (moment = '{{ moment }}' and side_role = '{{ role }}')
                        as {{ prefix }}{{ role }}_{{ name }}
                    {{- "," if not (loop.last and inner_loop.last and outer_loop.last) }}
                {% endfor %}
            {% endfor %}
        {% endfor %}
    from measured
    group by episode_id
),

first_outcomes as (
    select
        outcomes.level_id,
        outcomes.window_end_ts,
        outcomes.horizon_id,
        outcomes.outcome_reached,
        outcomes.label_end_ts
    from outcomes
    inner join decisions
        on
            outcomes.level_id = decisions.level_id
            and outcomes.window_end_ts = decisions.window_end_ts
            and outcomes.barrier_kind = decisions.barrier_mode
)

select
    episodes.symbol,
    episodes.dt,
    episodes.level_id,
    episodes.episode_id,
    episodes.approach_dir,
    episodes.first_window_end_ts,
    {% for prefix in ['', 'touch_'] %}
        {% for role in ['ahead', 'behind'] %}
            {% for name in ['n_windows'] + level_prints().keys() | list %}
                measures.{{ prefix }}{{ role }}_{{ name }},
            {% endfor %}
        {% endfor %}
    {% endfor %}
    episodes.touch_ts,
    first_outcomes.horizon_id,
    first_outcomes.outcome_reached,
    first_outcomes.label_end_ts
from episodes
left join measures on episodes.episode_id = measures.episode_id
left join first_outcomes
    on
        episodes.level_id = first_outcomes.level_id
        and episodes.first_window_end_ts = first_outcomes.window_end_ts
order by episodes.first_window_end_ts, episodes.level_id, episodes.approach_dir
