{{ config(
    schema='gold',
    tags=['gold'],
) }}
{{ partitioned_by('calibration_sessions', partition_by=['root', 'dt'], storage='table') }}

{% set is_prior = partition_value('calibration_mode') ~ " = 'prior_sessions'" %}
{% set is_intraday = partition_value('calibration_mode') ~ " = 'intraday_expanding'" %}

with

inputs as (
    select * from {{ ref('calibration_sessions') }}
    where {{ in_partition() }}
),

study_window as (
    select unnest({{ session_bounds_utc(partition_value('dt'), 'rth_study') }})
),

metric_names as (
    select unnest({{ calibrated_metrics() }}) as metric_name
),

earlier_sessions as (
    select unnest(sessions, recursive := true) from inputs
),

all_counts as (
    select
        symbol,
        dt,
        metric_name,
        metric_value,
        row_count
    from {{ ref('vacuum_metric_counts') }}
    union all
    select
        symbol,
        dt,
        metric_name,
        metric_value,
        row_count
    from {{ built_or_empty('gex_metric_counts') }}
),

-- prior_sessions: what earlier study windows held
earlier_counts as (
    select
        counts.metric_name,
        'rth_study' as segment,
        cast({{ partition_value('dt') }} as timestamp) as cutoff_ts,
        counts.metric_value,
        counts.row_count
    from all_counts as counts
    inner join earlier_sessions
        on
            counts.symbol = earlier_sessions.symbol
            and counts.dt = earlier_sessions.dt
    where {{ is_prior }}
),

-- intraday_expanding: the day so far, from the first whole minute after a second on
own_metrics as (
    select
        metrics.*,
        case
            when metrics.window_start_ts >= study_window.start_ts then 'from_rth'
            else 'before_rth'
        end as segment,
        date_trunc('minute', metrics.window_end_ts - interval 1 microsecond)
        + interval 1 minute as cutoff_ts
    from {{ ref('vacuum_metrics_1s') }} as metrics
    cross join study_window
    where
        {{ is_intraday }}
        and metrics.symbol = {{ partition_value('selected_symbol') }}
        and metrics.dt = {{ partition_value('dt') }}
        and metrics.window_valid
),

filled_metrics as (
    select * from own_metrics
    where not is_empty
),

measured as (
    {{ unpivot_metrics('filled_metrics', ['segment', 'cutoff_ts']) }}
),

-- the exposure of options, in the same segments
own_exposures as (
    select
        metrics.gex_abs,
        case
            when metrics.window_start_ts >= study_window.start_ts then 'from_rth'
            else 'before_rth'
        end as segment,
        date_trunc('minute', metrics.window_end_ts - interval 1 microsecond)
        + interval 1 minute as cutoff_ts
    from ({{ gex_metrics() }}) as metrics
    cross join study_window
    where
        {{ is_intraday }}
        and metrics.symbol = {{ partition_value('selected_symbol') }}
        and metrics.dt = {{ partition_value('dt') }}
),

all_measured as (
    select
        segment,
        cutoff_ts,
        metric_name,
        metric_value
    from measured
    union all
    select
        segment,
        cutoff_ts,
        'gex_abs' as metric_name,
        gex_abs as metric_value
    from own_exposures
),

own_counts as (
    select
        metric_name,
        segment,
        cutoff_ts,
        metric_value,
        count(*) as row_count
    from all_measured
    where metric_value is not null
    group by all
),

counts as (
    select * from earlier_counts
    union all
    select * from own_counts
),

quantiles as (
    {{ quantiles_of_counts('counts') }}
),

-- valid seconds of the segment up to each minute
seconds_per_minute as (
    select
        segment,
        cutoff_ts,
        count(distinct window_start_ts) as second_count
    from own_metrics
    group by segment, cutoff_ts
),

seconds_so_far as (
    select
        segment,
        cutoff_ts,
        sum(second_count) over (partition by segment order by cutoff_ts) as second_count
    from seconds_per_minute
),

minutes_of_day as (
    select unnest(range(
        cast({{ partition_value('dt') }} as timestamp),
        cast({{ partition_value('dt') }} as timestamp) + interval 1 day,
        interval 1 minute
    )) as minute_ts
),

minutes as (
    select
        minutes_of_day.minute_ts as valid_from_ts,
        case
            when minutes_of_day.minute_ts >= study_window.start_ts then 'from_rth' else 'before_rth'
        end as segment
    from minutes_of_day
    cross join study_window
    where {{ is_intraday }}
),

minute_metrics as (
    select
        minutes.*,
        metric_names.metric_name
    from minutes
    cross join metric_names
),

intraday as (
    select
        minute_metrics.valid_from_ts,
        minute_metrics.metric_name,
        minute_metrics.segment as session_window,
        seconds_so_far.second_count >= {{ var('calibration_warm_up_s') }} as is_enough,
        quantiles.q05,
        quantiles.q95,
        coalesce(quantiles.n_rows, 0) as n_rows
    from minute_metrics
    asof left join seconds_so_far
        on
            minute_metrics.segment = seconds_so_far.segment
            and minute_metrics.valid_from_ts >= seconds_so_far.cutoff_ts
    asof left join quantiles
        on
            minute_metrics.metric_name = quantiles.metric_name
            and minute_metrics.segment = quantiles.segment
            and minute_metrics.valid_from_ts >= quantiles.cutoff_ts
),

prior as (
    select
        cast({{ partition_value('dt') }} as timestamp) as valid_from_ts,
        metric_names.metric_name,
        'rth_study' as session_window,
        inputs.lookback_sessions >= {{ var('calibration_min_sessions') }} as is_enough,
        quantiles.q05,
        quantiles.q95,
        coalesce(quantiles.n_rows, 0) as n_rows
    from metric_names
    cross join inputs
    left join quantiles on metric_names.metric_name = quantiles.metric_name
    where {{ is_prior }}
),

calibrations as (
    select * from prior
    union all
    select * from intraday
)

select
    {{ partition_value('root') }} as root,
    {{ partition_value('dt') }} as dt,
    calibrations.valid_from_ts,
    calibrations.metric_name,
    case when calibrations.is_enough then calibrations.q05 end as q05,
    case when calibrations.is_enough then calibrations.q95 end as q95,
    cast(calibrations.n_rows as bigint) as n_rows,
    inputs.lookback_sessions,
    calibrations.session_window,
    inputs.calibration_mode
from calibrations
cross join inputs
order by calibrations.valid_from_ts, calibrations.metric_name
