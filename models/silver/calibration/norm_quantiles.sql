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
        {% for metric in scaled_metrics() %}
            {% for quantile in var('calibration_quantiles') %}
                max({{ quantile }}) filter (metric_name = '{{ metric }}')
                    as {{ metric }}_{{ quantile }}{{ "," if not loop.last }}
            {% endfor %}
            {{ "," if not loop.last }}
        {% endfor %}
    from calibration
    group by root, dt, valid_from_ts
)

select
    physics_input.symbol,
    physics_input.dt,
    physics_input.calibration_mode,
    by_minute.* exclude (root, dt)
from physics_input
inner join by_minute
    on
        physics_input.root = by_minute.root
        and physics_input.dt = by_minute.dt
