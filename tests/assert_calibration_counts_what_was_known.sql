-- noqa: disable=LT02,AM04
-- Quantiles use only rows from before they became valid: the study windows of earlier sessions, or
-- the day's finished seconds, from the open on once the market is open. An extra row is look-ahead.
with

calibration as (
    select * from {{ ref('physics_norm_calibration') }}
    where {{ untested_partitions('physics_norm_calibration') }}
),

inputs as (
    select * from {{ ref('calibration_sessions') }}
    where dt in (select calibration.dt from calibration)
),

own_seconds as (
    select
        inputs.root,
        metrics.dt,
        metrics.window_end_ts,
        {{ ny_local('metrics.window_start_ts') }} >= metrics.dt + time '{{ var("rth_start") }}'
            as is_open,
        {% for name, expression in scaled_metrics().items() %}
            count({{ expression }}) as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from {{ ref('vacuum_metrics_1s') }} as metrics
    inner join inputs
        on
            metrics.symbol = inputs.selected_symbol
            and metrics.dt = inputs.dt
    where
        inputs.calibration_mode = 'intraday_expanding'
        and metrics.window_valid
        and not metrics.is_empty
    group by all
),

own_exposures as (
    select
        inputs.root,
        metrics.dt,
        metrics.window_end_ts,
        {{ ny_local('metrics.window_start_ts') }} >= metrics.dt + time '{{ var("rth_start") }}'
            as is_open,
        count(*) as gex_abs
    from ({{ gex_metrics() }}) as metrics
    inner join inputs
        on
            metrics.symbol = inputs.selected_symbol
            and metrics.dt = inputs.dt
    where inputs.calibration_mode = 'intraday_expanding'
    group by all
),

own_counts as (
    {% for name in scaled_metrics() %}
        select
            root,
            dt,
            window_end_ts,
            is_open,
            '{{ name }}' as metric_name,
            sum({{ name }}) over (
                partition by root, dt, is_open
                order by window_end_ts
            ) as n_rows
        from own_seconds
        union all
    {% endfor %}
    select
        root,
        dt,
        window_end_ts,
        is_open,
        'gex_abs' as metric_name,
        sum(gex_abs) over (
            partition by root, dt, is_open
            order by window_end_ts
        ) as n_rows
    from own_exposures
),

counts as (
    select
        symbol,
        dt,
        metric_name,
        row_count
    from {{ ref('vacuum_metric_counts') }}
    union all
    select
        symbol,
        dt,
        metric_name,
        row_count
    from {{ built_or_empty('gex_metric_counts') }}
),

session_counts as (
    select
        inputs.root,
        inputs.dt,
        counts.metric_name,
        sum(counts.row_count) as n_rows
    from inputs
    inner join counts
        on list_contains(inputs.sessions, struct_pack(symbol := counts.symbol, dt := counts.dt))
    group by inputs.root, inputs.dt, counts.metric_name
),

moments as (
    select
        *,
        {{ ny_local('valid_from_ts') }} >= dt + time '{{ var("rth_start") }}' as is_open
    from calibration
)

select
    moments.*,
    own_counts.n_rows as own_n_rows,
    session_counts.n_rows as session_n_rows
from moments
asof left join own_counts
    on
        moments.root = own_counts.root
        and moments.dt = own_counts.dt
        and moments.is_open = own_counts.is_open
        and moments.metric_name = own_counts.metric_name
        and moments.valid_from_ts >= own_counts.window_end_ts
left join session_counts
    on
        moments.root = session_counts.root
        and moments.dt = session_counts.dt
        and moments.metric_name = session_counts.metric_name
where
    moments.n_rows != coalesce(
        case moments.calibration_mode
            when 'prior_sessions' then session_counts.n_rows
            else own_counts.n_rows
        end,
        0
    )
