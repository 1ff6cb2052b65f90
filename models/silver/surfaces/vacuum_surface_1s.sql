-- noqa: disable=AM04
{{ partitioned_by('physics_calibration_modes', storage='view') }}

{% set parts = [
    'pull_add_log', 'log1p_pull_intensity_rest', 'log1p_erosion_norm', 'd2_pull_add_log'
] %}

with

metrics as (
    select * from {{ ref('vacuum_metrics_1s') }}
),

norm_quantiles as (
    select * from {{ ref('norm_quantiles') }}
)

select
    metrics.*,
    case
        when
            not metrics.window_valid
            {% for part in parts %}
                {% for quantile in var('calibration_quantiles') %}
                    or norm_quantiles.{{ part }}_{{ quantile }} is null
                {% endfor %}
            {% endfor %}
            then null
        when metrics.is_empty then 1.0
        when metrics.d2_pull_add_log is null then null
        else (
            {% for part in parts %}
                {{ norm(
                    scaled_metrics()[part],
                    'norm_quantiles.' ~ part ~ '_q05',
                    'norm_quantiles.' ~ part ~ '_q95'
                ) }}
                {{ "+" if not loop.last }}
            {% endfor %}
        ) / {{ parts | length }}
    end as vacuum_score,
    norm_quantiles.calibration_mode
from metrics
left join norm_quantiles
    on
        metrics.symbol = norm_quantiles.symbol
        and metrics.dt = norm_quantiles.dt
        and date_trunc('minute', metrics.window_start_ts) = norm_quantiles.minute_ts
