{#
    Query of the usual sizes of the measures of each side of the book, by time, role and distance.

    - sessions: the relation that names the earlier sessions of a contract-day.
    - sizes: the relation of their sizes on a contract-day.
    - measures_1s: the relation of the measures.
#}
{% macro turn_usual_sizes(sessions, sizes, measures_1s) -%}
{% set is_prior = partition_value('calibration_mode') ~ " = 'prior_sessions'" %}
{% set dates = "getvariable('calibration_dates')" %}
{% set measures = ['retreat_ticks', 'pull_share'] %}
{% set keys = ['valid_from_ts', 'condition_window_s', 'side_role', 'distance_ticks', 'measure'] %}

with

inputs as (
    select * from {{ ref(sessions) }}
    where {{ in_partition() }}
),

earlier_sessions as (
    select unnest(sessions, recursive := true) from inputs
),

study_window as (
    select unnest({{ session_bounds_utc(partition_value('dt'), 'rth_study') }})
),

own as (
    select * from {{ ref(measures_1s) }}
    where {{ in_partition() }}
),

-- of the earlier sessions and of the day itself: time zones are whole quarters of an hour apart
quarter_hours as (
    select
        days.symbol,
        days.dt,
        quarters.start_ts,
        -- valid on this day where its own clock shows that half-hour of local time
        {{ utc_of_local(
            partition_value('dt') ~ ' + cast(time_bucket(interval 30 minute, '
            ~ ny_local('quarters.start_ts') ~ ') as time)'
        ) }} as valid_from_ts
    from (
        select
            symbol,
            dt
        from earlier_sessions
        union all
        select
            {{ partition_value('symbol') }} as symbol,
            {{ partition_value('dt') }} as dt
    ) as days
    cross join lateral (
        select unnest(range(
            cast(days.dt as timestamp),
            cast(days.dt as timestamp) + interval 1 day,
            interval 15 minute
        )) as start_ts
    ) as quarters
    where {{ is_prior }}
),

-- prior_sessions: the same half-hour of local time of earlier sessions
by_half_hour as (
    select
        quarter_hours.valid_from_ts,
        turn_sizes.condition_window_s,
        turn_sizes.side_role,
        turn_sizes.distance_ticks,
        turn_sizes.measure,
        list_aggregate(flatten(list(turn_sizes.sizes)), 'median') as median_size,
        sum(turn_sizes.sum_of_squares) as sum_of_squares,
        sum(len(turn_sizes.sizes)) as n_rows
    from {{ ref(sizes) }} as turn_sizes
    inner join earlier_sessions
        on
            turn_sizes.symbol = earlier_sessions.symbol
            and turn_sizes.dt = earlier_sessions.dt
    inner join quarter_hours
        on
            turn_sizes.symbol = quarter_hours.symbol
            and turn_sizes.dt = quarter_hours.dt
            and turn_sizes.quarter_start_ts = quarter_hours.start_ts
    where
        {{ is_prior }}
        and turn_sizes.dt
        between coalesce({{ dates }}[1], date '-infinity')
        and coalesce({{ dates }}[2], date 'infinity')
    group by
        quarter_hours.valid_from_ts,
        turn_sizes.condition_window_s,
        turn_sizes.side_role,
        turn_sizes.distance_ticks,
        turn_sizes.measure
),

-- intraday_expanding: the day so far, anew from the open, by the minute after a second's end
so_far as (
    select
        own.*,
        date_trunc('minute', own.window_end_ts - interval 1 microsecond) + interval 1 minute
            as valid_from_ts,
        own.window_start_ts >= study_window.start_ts as is_from_open
    from own
    cross join study_window
    where not ({{ is_prior }})
),

measured as (
    {% for measure in measures %}
        select
            valid_from_ts,
            is_from_open,
            condition_window_s,
            {{ side_role('side', 'k_ticks') }} as side_role,
            {{ condition_distance('k_ticks') }} as distance_ticks,
            '{{ measure }}' as measure,
            abs({{ measure }}) as size
        from so_far
        where {{ measure }} is not null and k_ticks != 0
        {{ "union all" if not loop.last }}
    {% endfor %}
),

-- the value at a minute is the same for all of its rows
by_minute as (
    select distinct
        {{ keys | join(', ') }},
        is_from_open,
        median(size) over segment as median_size,
        sum(cast(size * size as decimal(38, 24))) over segment as sum_of_squares,
        count(*) over segment as n_rows
    from measured
    window segment as (
        partition by is_from_open, condition_window_s, side_role, distance_ticks, measure
        order by valid_from_ts
        range between unbounded preceding and current row
    )
),

-- a row for each time, so that what is not known then is not taken from before; a day that begins
-- knows all of its half-hours
times as (
    select distinct
        valid_from_ts,
        cast(null as boolean) as is_from_open
    from quarter_hours
    where dt = {{ partition_value('dt') }}
    union all
    select distinct
        date_trunc('minute', own.window_start_ts) as valid_from_ts,
        date_trunc('minute', own.window_start_ts) >= study_window.start_ts as is_from_open
    from own
    cross join study_window
    where not ({{ is_prior }})
),

kinds as (
    select
        windows.condition_window_s,
        roles.side_role,
        distances.distance_ticks,
        measures.measure
    from (select unnest({{ var('condition_windows_s') }}) as condition_window_s) as windows
    cross join (select unnest(['ahead', 'behind']) as side_role) as roles
    cross join (
        select unnest({{ var('condition_distances_ticks') }}) as distance_ticks
    ) as distances
    cross join (select unnest({{ measures }}) as measure) as measures
),

wanted as (
    select
        times.*,
        kinds.*
    from times
    cross join kinds
),

prior as (
    select
        wanted.*,
        by_half_hour.median_size,
        by_half_hour.sum_of_squares,
        by_half_hour.n_rows
    from wanted
    left join by_half_hour
        on
            {% for key in keys %}
                wanted.{{ key }} = by_half_hour.{{ key }}{{ " and" if not loop.last }}
            {% endfor %}
    where {{ is_prior }}
),

intraday as (
    select
        wanted.*,
        by_minute.median_size,
        by_minute.sum_of_squares,
        by_minute.n_rows
    from wanted
    asof left join by_minute
        on
            wanted.is_from_open = by_minute.is_from_open
            {% for key in keys[1:] %}
                and wanted.{{ key }} = by_minute.{{ key }}
            {% endfor %}
            and wanted.valid_from_ts >= by_minute.valid_from_ts
    where not ({{ is_prior }})
),

sizes as (
    select * from prior
    union all
    select * from intraday
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    sizes.valid_from_ts,
    cast(sizes.condition_window_s as integer) as condition_window_s,
    sizes.side_role,
    cast(sizes.distance_ticks as integer) as distance_ticks,
    sizes.measure,
    case
        when sizes.n_rows < {{ var('condition_min_seconds') }} then null
        when sizes.median_size > 0 then 1.4826 * sizes.median_size
        -- where most seconds move nothing; about 0 as well
        else nullif(sqrt(cast(sizes.sum_of_squares as double) / sizes.n_rows), 0)
    end as spread,
    cast(coalesce(sizes.n_rows, 0) as bigint) as n_rows,
    inputs.lookback_sessions,
    inputs.calibration_mode
from sizes
cross join inputs
order by
    sizes.valid_from_ts, sizes.condition_window_s, sizes.side_role, sizes.distance_ticks,
    sizes.measure
{%- endmacro %}
