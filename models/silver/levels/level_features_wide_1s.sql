-- noqa: disable=LT02,LT05,RF02,RF03,RF05
{{ partitioned_by(
    'physics_calibration_modes',
    optional=['level_corridor_1s', 'level_vacuum_1s'],
    storage='view',
) }}

{% set levels = level_ids() %}
{% set offset_features = ['k_ticks', 'k_vol', 'closing_speed_15s', 'secs_to_touch'] %}
{% set vacuum_features = [] %}
{% for prefix in ['', 'd1_', 'd2_', 'd3_'] %}
    {% for name in radar_features() %}
        {% do vacuum_features.append(prefix ~ name) %}
    {% endfor %}
{% endfor %}
{% set corridor_features = [
    'corridor_len_ticks',
    'corridor_depth_per_tick',
    'beyond_depth_per_tick',
    'corridor_add_per_tick',
    'corridor_pull_per_tick',
    'corridor_fill_per_tick',
    'beyond_add_per_tick',
    'beyond_pull_per_tick',
    'beyond_fill_per_tick',
    'spot_depth_per_tick',
    'corridor_rel_depth',
    'beyond_rel_depth',
    'beyond_corridor_log',
    'beyond_max_depth',
    'beyond_max_rho',
    'beyond_wall_ratio',
    'beyond_wall_offset',
    'behind_depth_per_tick',
    'behind_pull_add_log',
] %}

with

bands as (
    select * from {{ ref('physics_bands_1s') }}
),

-- read once per level, with the rows of that level only: cheaper than keeping all of them
level_offset as not materialized (
    select * from {{ ref('level_offset_1s') }}
),

level_vacuum as not materialized (
    select * from {{ ref('level_vacuum_1s') }}
),

level_corridor as not materialized (
    select * from {{ ref('level_corridor_1s') }}
),

-- the same for all levels
speeds as (
    select
        symbol,
        dt,
        window_end_ts,
        sigma_1s_ticks,
        speed_3s,
        speed_15s
    from level_offset
    where level_id = '{{ levels[0] }}'
),

features as not materialized (
    select
        level_vacuum.symbol,
        level_vacuum.dt,
        level_vacuum.window_end_ts,
        level_vacuum.level_id,
        {% for name in offset_features %}
            level_offset.{{ name }},
        {% endfor %}
        {% for name in vacuum_features %}
            level_vacuum.{{ name }},
        {% endfor %}
        {% for name in corridor_features %}
            level_corridor.{{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from level_vacuum
    inner join level_offset
        on
            level_vacuum.symbol = level_offset.symbol
            and level_vacuum.dt = level_offset.dt
            and level_vacuum.window_end_ts = level_offset.window_end_ts
            and level_vacuum.level_id = level_offset.level_id
    left join level_corridor
        on
            level_vacuum.symbol = level_corridor.symbol
            and level_vacuum.dt = level_corridor.dt
            and level_vacuum.window_end_ts = level_corridor.window_end_ts
            and level_vacuum.level_id = level_corridor.level_id
)

select
    bands.symbol,
    bands.dt,
    bands.window_start_ts,
    bands.window_end_ts,
    bands.window_valid,
    speeds.sigma_1s_ticks,
    speeds.speed_3s,
    speeds.speed_15s,
    {% for side in ['above', 'below'] %}
        {% for bucket in var('distance_buckets') %}
            {% for part in ['wall_strength_norm', 'wall_erosion_norm', 'vacuum_norm'] %}
                bands.{{ side }}_{{ bucket }}_{{ part }},
            {% endfor %}
        {% endfor %}
    {% endfor %}
    bands.above_score,
    bands.below_score,
    bands.vacuum_total_score,
    {% for level in levels %}
        {% set prefix = level_prefix(level) %}
        columns({{ prefix }}.* exclude (symbol, dt, window_end_ts, level_id))
            as "{{ prefix }}_\0"{{ "," if not loop.last }}
    {% endfor %}
from bands
left join speeds
    on
        bands.symbol = speeds.symbol
        and bands.dt = speeds.dt
        and bands.window_end_ts = speeds.window_end_ts
{% for level in levels %}
    {% set prefix = level_prefix(level) %}
    left join features as {{ prefix }}
        on
            bands.symbol = {{ prefix }}.symbol
            and bands.dt = {{ prefix }}.dt
            and bands.window_end_ts = {{ prefix }}.window_end_ts
            and {{ prefix }}.level_id = '{{ level }}'
{% endfor %}
