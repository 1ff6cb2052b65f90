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

by_minute as (
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
)

select
    physics_input.symbol,
    physics_input.dt,
    physics_input.calibration_mode,
    by_minute.valid_from_ts,
    {% for metric, quantile in quantiles %}
        by_minute.{{ metric }}_{{ quantile }}{{ "," if not loop.last }}
    {% endfor %}
from physics_input
inner join by_minute
    on
        physics_input.root = by_minute.root
        and physics_input.dt = by_minute.dt
