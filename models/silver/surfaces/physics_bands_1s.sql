-- noqa: disable=LT02
{{ partitioned_by('physics_calibration_modes') }}

{% set sides = [('above', 'A'), ('below', 'B')] %}
{% set buckets = var('distance_buckets') %}
{% set widest = namespace(cells=0) %}
{% for bounds in buckets.values() %}
    {% set widest.cells = [widest.cells, bounds[1] - bounds[0] + 1] | max %}
{% endfor %}

with

surface as (
    select
        *,
        {{ distance_bucket('rel_ticks') }} as bucket,
        abs(rel_ticks) - case
            {% for bounds in buckets.values() %}
                when abs(rel_ticks) <= {{ bounds[1] }} then {{ bounds[0] }}
            {% endfor %}
        end as place
    from {{ ref('vacuum_surface_1s') }}
    where {{ in_partition() }}
),

cells as (
    select * from {{ ref('vacuum_cells_1s') }}
    where {{ in_partition() }}
),

snapshot as (
    select
        symbol,
        dt,
        window_start_ts,
        window_end_ts,
        spot_ref_price_int,
        mid_price,
        mid_price_int,
        window_valid
    from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

norm_quantiles as (
    select * from {{ ref('norm_quantiles') }}
    where {{ in_partition() }}
),

physics_calibration_modes as (
    select * from {{ ref('physics_calibration_modes') }}
    where {{ in_partition() }}
),

weights as (
    select
        {{ weights_of('ease', ['vacuum', 'erosion', 'strength']) }},
        {{ weights_of('band', ['at', 'near']) }}
    from {{ ref('physics_weights') }}
),

-- a sum of doubles needs an order: the scores of a band are first put in their places
bands as (
    select
        surface.window_start_ts,
        surface.side,
        surface.bucket,
        count(*) as width,
        bool_and(surface.is_empty) as is_empty,
        sum(cells.depth_qty_rest) as depth_qty_rest,
        sum(cells.depth_qty_start) as depth_qty_start,
        sum(cast(surface.wall_erosion as bigint)) as erosion_qty,
        count(surface.vacuum_score) as score_count,
        {% for place in range(widest.cells) %}
            coalesce(max(surface.vacuum_score) filter (surface.place = {{ place }}), 0)
                as score_{{ place }}{{ "," if not loop.last }}
        {% endfor %}
    from surface
    inner join cells
        on
            surface.window_start_ts = cells.window_start_ts
            and surface.side = cells.side
            and surface.rel_ticks = cells.rel_ticks
    where surface.bucket is not null
    group by surface.window_start_ts, surface.side, surface.bucket
),

measured as (
    select
        window_start_ts,
        side,
        bucket,
        is_empty,
        ln(1 + depth_qty_rest / width) as strength_log,
        {{ log1p_share('erosion_qty', 'depth_qty_start', 'width') }} as erosion_log,
        case
            when score_count = width
                then (
                    {% for place in range(widest.cells) %}
                        score_{{ place }} {{ "+" if not loop.last }}
                    {% endfor %}
                ) / width
        end as vacuum_norm
    from bands
),

seconds as (
    select
        snapshot.*,
        {% for metric in scaled_metrics() %}
            {% for quantile in var('calibration_quantiles') %}
                norm_quantiles.{{ metric }}_{{ quantile }},
            {% endfor %}
        {% endfor %}
        snapshot.window_valid
        {% for metric in scaled_metrics() %}
            {% for quantile in var('calibration_quantiles') %}
                and norm_quantiles.{{ metric }}_{{ quantile }} is not null
            {% endfor %}
        {% endfor %} as is_scored
    from snapshot
    cross join contract_day
    left join norm_quantiles
        on
            snapshot.symbol = norm_quantiles.symbol
            and snapshot.dt = norm_quantiles.dt
            and date_trunc('minute', snapshot.window_start_ts) = norm_quantiles.minute_ts
    where {{ is_in_surface_window('snapshot.window_start_ts', 'contract_day.surface_windows') }}
),

scaled as (
    select
        measured.window_start_ts,
        measured.side,
        measured.bucket,
        case
            when measured.is_empty then 0.0
            else {{ norm(
                'measured.strength_log',
                'seconds.wall_strength_log_q05',
                'seconds.wall_strength_log_q95'
            ) }}
        end as wall_strength_norm,
        case
            when measured.is_empty then 1.0
            else {{ norm(
                'measured.erosion_log',
                'seconds.log1p_erosion_norm_q05',
                'seconds.log1p_erosion_norm_q95'
            ) }}
        end as wall_erosion_norm,
        case when measured.is_empty then 1.0 else measured.vacuum_norm end as vacuum_norm
    from measured
    inner join seconds on measured.window_start_ts = seconds.window_start_ts
    where seconds.is_scored
),

by_second as (
    select
        window_start_ts,
        {% for side, letter in sides %}
            {% for bucket in buckets %}
                    {% for part in ['wall_strength_norm', 'wall_erosion_norm', 'vacuum_norm'] %}
                    max({{ part }}) filter (side = '{{ letter }}' and bucket = '{{ bucket }}')
                        as {{ side }}_{{ bucket }}_{{ part }},
                {% endfor %}
            {% endfor %}
        {% endfor %}
        count(*) as band_count
    from scaled
    group by window_start_ts
),

scores as (
    select
        by_second.*,
        {% for side, letter in sides %}
            {% for band in ['at', 'near'] %}
                weights.{{ band }} * (
                    weights.vacuum * by_second.{{ side }}_{{ band }}_vacuum_norm
                    + weights.erosion * by_second.{{ side }}_{{ band }}_wall_erosion_norm
                    + weights.strength * (1 - by_second.{{ side }}_{{ band }}_wall_strength_norm)
                ) {{ "+" if not loop.last }}
            {% endfor %}
            as {{ side }}_score{{ "," if not loop.last }}
        {% endfor %}
    from by_second
    cross join weights
)

select
    seconds.symbol,
    seconds.dt,
    seconds.window_start_ts,
    seconds.window_end_ts,
    seconds.spot_ref_price_int,
    seconds.mid_price,
    seconds.mid_price_int,
    seconds.window_valid,
    {% for side, letter in sides %}
        {% for bucket in buckets %}
            {% for part in ['wall_strength_norm', 'wall_erosion_norm', 'vacuum_norm'] %}
                scores.{{ side }}_{{ bucket }}_{{ part }},
            {% endfor %}
        {% endfor %}
    {% endfor %}
    scores.above_score,
    scores.below_score,
    (scores.above_score + scores.below_score) / 2 as vacuum_total_score,
    physics_calibration_modes.calibration_mode
from seconds
cross join physics_calibration_modes
left join scores on seconds.window_start_ts = scores.window_start_ts
order by seconds.window_start_ts
