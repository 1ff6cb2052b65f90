-- noqa: disable=LT02,RF04
{{ partitioned_by(
    'mbo_level_vacuum_5s',
    inputs=['mbo_trigger_signals', 'level_decisions', 'approach_course_1s'],
) }}

{% set parts = pressure_parts() %}
{% set sides = ['above', 'below'] %}
{% set retrieved = [
    'p_break', 'p_reject', 'p_chop', 'p_top1', 'margin', 'risk_q80_ticks', 'resolve_rate',
    'whipsaw_rate', 'c_top1', 'neighbors_ok', 'n_eff', 'base_top1',
] %}

with

windows as (
    select * from {{ ref('mbo_level_vacuum_5s') }}
    where {{ in_partition() }}
),

decisions as (
    select * from {{ ref('level_decisions') }}
    where
        {{ in_partition() }}
        and decision_phase is not null
),

courses as (
    select * from {{ ref('approach_course_1s') }}
    where {{ in_partition() }}
),

signals as (
    select * from {{ ref('mbo_trigger_signals') }}
    where {{ in_partition() }}
),

thresholds as (
    select * from {{ ref('trigger_thresholds') }}
    where root = {{ root_of(partition_value('symbol')) }}
),

-- a window has the direction of its decision; without one that of the course under way, so that the
-- pressures go on where price stops approaching, at the level and past it
directed as (
    select
        windows.* exclude (approach_dir),
        coalesce(decisions.approach_dir, 'approach_' || courses.direction, windows.approach_dir)
            as approach_dir
    from windows
    left join decisions
        on
            windows.window_end_ts = decisions.window_end_ts
            and windows.level_id = decisions.level_id
    left join courses
        on
            windows.window_end_ts = courses.window_end_ts
            and windows.level_id = courses.level_id
),

pressures as (
    select
        symbol,
        dt,
        window_end_ts,
        level_id,
        level_price_int,
        k_ticks,
        approach_dir,
        {% for name, features in parts.items() %}
            case approach_dir
                {% for direction, feature in features.items() %}
                    when 'approach_{{ direction }}' then 1 / (1 + exp(-({{ feature }})))
                {% endfor %}
            end as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from directed
),

scores as (
    select
        *,
        {% for side in sides %}
            (
                {% for name in parts if name.startswith('pressure_' ~ side) %}
                    {{ name }}{{ " +" if not loop.last }}
                {% endfor %}
            ) / 4 as pressure_{{ side }}_score,
        {% endfor %}
        (pressure_above_score + pressure_below_score) / 2 as vacuum_score
    from pressures
)

select
    scores.window_end_ts as ts_end,
    scores.symbol,
    scores.dt,
    {{ ny_date('scores.window_end_ts') }} as session_date,
    scores.level_id,
    scores.level_price_int,
    scores.k_ticks,
    scores.approach_dir,
    {% for name in parts %}
        scores.{{ name }},
    {% endfor %}
    scores.pressure_above_score,
    scores.pressure_below_score,
    scores.vacuum_score,
    {% for name in retrieved %}
        signals.{{ name }},
    {% endfor %}
    coalesce(signals.fire_flag, false) as fire_flag,
    coalesce(signals.signal, 'NONE') as signal,
    signals.episode_id,
    case
        when scores.approach_dir = 'approach_none' then 'IDLE'
        when signals.fire_flag then 'FIRE'
        when
            scores.vacuum_score >= thresholds.armed_vacuum_min
            and signals.margin >= thresholds.armed_margin_min
            then 'ARMED'
        when scores.vacuum_score >= thresholds.watch_vacuum_min then 'WATCH'
        else 'TRACK'
    end as signal_state
from scores
cross join thresholds
left join signals
    on
        scores.level_id = signals.level_id
        and scores.window_end_ts = signals.trigger_ts
order by scores.level_id, scores.window_end_ts
