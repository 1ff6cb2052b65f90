-- A score from quantiles of later seconds would be look-ahead, and a score before they are known
-- would have no basis. Whether a tick has a score follows from the calibration of its minute
-- (intraday_expanding) or of its date (prior_sessions), joined here by equality, not by order.
{% set parts = [
    'pull_add_log', 'log1p_pull_intensity_rest', 'log1p_erosion_norm', 'd2_pull_add_log'
] %}

with

ticks as (
    select
        symbol,
        dt,
        window_start_ts,
        window_valid,
        vacuum_score is not null as is_scored,
        is_empty or d2_pull_add_log is not null as is_measured,
        calibration_mode
    from {{ ref('vacuum_surface_1s') }}
    where {{ untested_partitions('vacuum_surface_1s') }}
),

seconds as (
    select
        symbol,
        dt,
        window_start_ts,
        window_valid,
        calibration_mode,
        case calibration_mode
            when 'intraday_expanding' then date_trunc('minute', window_start_ts)
            else cast(dt as timestamp)
        end as valid_from_ts,
        count(*) filter (is_scored) as scored_ticks,
        count(*) filter (is_measured) as measured_ticks,
        count(*) filter (is_scored and not is_measured) as made_up_ticks
    from ticks
    group by symbol, dt, window_start_ts, window_valid, calibration_mode
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

calibration as (
    select
        root,
        dt,
        valid_from_ts,
        calibration_mode,
        count(q05) = {{ parts | length }} as is_known
    from {{ ref('physics_norm_calibration') }}
    where
        metric_name in (
            {% for part in parts %}
                '{{ part }}'{{ "," if not loop.last }}
            {% endfor %}
        )
    group by root, dt, valid_from_ts, calibration_mode
)

select
    seconds.*,
    calibration.is_known
from seconds
inner join contract_days
    on
        seconds.symbol = contract_days.symbol
        and seconds.dt = contract_days.dt
left join calibration
    on
        contract_days.root = calibration.root
        and seconds.dt = calibration.dt
        and seconds.valid_from_ts = calibration.valid_from_ts
        and seconds.calibration_mode = calibration.calibration_mode
where
    calibration.is_known is null
    or seconds.made_up_ticks > 0
    or seconds.scored_ticks
    != case
        when seconds.window_valid and calibration.is_known then seconds.measured_ticks else 0
    end
