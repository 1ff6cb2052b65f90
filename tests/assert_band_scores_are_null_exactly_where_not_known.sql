-- noqa: disable=LT02,AM04
-- In warm-up and in invalid seconds no band has a value, not even an empty band. Otherwise strength
-- and erosion of all eight bands are known, and so is a band's vacuum unless one of its ticks has
-- no score. The totals are known exactly when their bands are.
{% set bands = [] %}
{% for side in ['above', 'below'] %}
    {% for bucket in var('distance_buckets') %}
        {% do bands.append(side ~ '_' ~ bucket) %}
    {% endfor %}
{% endfor %}

with

bands as (
    select
        *,
        {% for part in ['wall_strength_norm', 'wall_erosion_norm', 'vacuum_norm'] %}
            {% for band in bands %}
                cast({{ band }}_{{ part }} is not null as integer) {{ "+" if not loop.last }}
            {% endfor %}
            as known_{{ part }}{{ "," if not loop.last }}
        {% endfor %}
    from {{ ref('physics_bands_1s') }}
    where {{ untested_partitions('physics_bands_1s') }}
),

surface as (
    select
        symbol,
        dt,
        window_start_ts,
        count(*) filter (vacuum_score is null) as unscored_ticks
    from {{ ref('vacuum_surface_1s') }}
    where {{ untested_partitions('physics_bands_1s') }}
    group by symbol, dt, window_start_ts
)

select
    bands.*,
    surface.unscored_ticks
from bands
left join surface
    on
        bands.symbol = surface.symbol
        and bands.dt = surface.dt
        and bands.window_start_ts = surface.window_start_ts
where
    bands.known_wall_strength_norm != bands.known_wall_erosion_norm
    or bands.known_wall_strength_norm not in (0, {{ bands | length }})
    or (bands.known_wall_strength_norm = 0 and bands.known_vacuum_norm > 0)
    or (
        bands.known_wall_strength_norm > 0
        and (bands.known_vacuum_norm = {{ bands | length }}) != (surface.unscored_ticks = 0)
    )
    {% for side in ['above', 'below'] %}
        or (bands.{{ side }}_score is not null)
        != (
            bands.{{ side }}_at_vacuum_norm is not null
            and bands.{{ side }}_near_vacuum_norm is not null
        )
    {% endfor %}
    or (bands.vacuum_total_score is not null)
    != (bands.above_score is not null and bands.below_score is not null)
