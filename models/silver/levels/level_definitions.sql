{{ config(materialized='table') }}

with

level_weights as (
    select * from {{ ref('level_weights') }}
),

own_levels as (
    select distinct level_id from {{ ref('own_levels') }}
),

chosen (level_id, row_id, round_points, place) as (
    values
    {% for level in levels_in_use() %}
        (
            '{{ level.level_id }}', '{{ level.row }}', {{ level.points }}, {{ level.place }}
        ){{ "," if not loop.last }}
    {% endfor %}
),

-- own levels share a priority, so that adding one changes no other
levels as (
    select
        level_id,
        row_id,
        cast(round_points as decimal(18, 9)) as round_points,
        place
    from chosen
    union all
    select
        level_id,
        'own' as row_id,
        null as round_points,
        0 as place
    from own_levels
)

select
    levels.level_id,
    level_weights.level_kind,
    level_weights.edge,
    level_weights.sma_bars,
    cast(level_weights.priority + levels.place as integer) as priority,
    level_weights.weight,
    levels.round_points
from levels
inner join level_weights on levels.row_id = level_weights.level_id
order by priority, levels.level_id
