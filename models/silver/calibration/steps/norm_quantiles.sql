-- noqa: disable=LT02
{% set quantiles = [] %}
{% for metric in scaled_metrics() %}
    {% for quantile in var('calibration_quantiles') %}
        {% do quantiles.append((metric, quantile)) %}
    {% endfor %}
{% endfor %}

with

physics_calibration_modes as (
    select * from {{ ref('physics_calibration_modes') }}
),

calibration as (
    select * from {{ ref('physics_norm_calibration') }}
),

scales as (
    select
        root,
        dt,
        valid_from_ts,
        {% for metric, quantile in quantiles %}
            max({{ quantile }}) filter (metric_name = '{{ metric }}')
                as {{ metric }}_{{ quantile }}{{ "," if not loop.last }}
        {% endfor %}
    from calibration
    group by root, dt, valid_from_ts
),

-- a calibration begins on a whole minute, so the minute of a second finds it
by_minute as (
    select
        *,
        unnest(range(
            valid_from_ts,
            lead(valid_from_ts, 1, dt + interval 1 day)
                over (partition by root, dt order by valid_from_ts),
            interval 1 minute
        )) as minute_ts
    from scales
)

select
    physics_calibration_modes.symbol,
    physics_calibration_modes.dt,
    physics_calibration_modes.calibration_mode,
    by_minute.minute_ts,
    {% for metric, quantile in quantiles %}
        by_minute.{{ metric }}_{{ quantile }}{{ "," if not loop.last }}
    {% endfor %}
from physics_calibration_modes
inner join by_minute
    on
        physics_calibration_modes.root = by_minute.root
        and physics_calibration_modes.dt = by_minute.dt
