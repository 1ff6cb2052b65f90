-- noqa: disable=LT02
{% set quantiles = [] %}
{% for metric in scaled_metrics() %}
    {% for quantile in var('calibration_quantiles') %}
        {% do quantiles.append((metric, quantile)) %}
    {% endfor %}
{% endfor %}

with

physics_input as (
    select * from {{ ref('physics_input') }}
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

-- a calibration begins on a whole minute, so that a second finds its own by the minute it is in
minutes as (
    select
        symbol,
        dt,
        root,
        calibration_mode,
        unnest(range(cast(dt as timestamp), dt + interval 1 day, interval 1 minute)) as minute_ts
    from physics_input
)

select
    minutes.symbol,
    minutes.dt,
    minutes.calibration_mode,
    minutes.minute_ts,
    {% for metric, quantile in quantiles %}
        scales.{{ metric }}_{{ quantile }}{{ "," if not loop.last }}
    {% endfor %}
from minutes
asof inner join scales
    on
        minutes.root = scales.root
        and minutes.dt = scales.dt
        and minutes.minute_ts >= scales.valid_from_ts
