with

library_days as (
    select * from {{ ref('spot_library_days') }}
),

asof_days as (
    select * from {{ ref('spot_days') }}
),

directions as (
    select unnest(['spot_up', 'spot_down']) as approach_dir
)

select
    asof_days.root,
    asof_days.dt,
    'spot' as level_id,
    directions.approach_dir,
    'all' as pool_level_id,
    cast([] as varchar[]) as pool_level_ids,
    cast(coalesce(sum(library_days.n_vectors), 0) as integer) as n_vectors,
    cast(coalesce(sum(library_days.n_episodes), 0) as integer) as n_episodes,
    cast(count(distinct library_days.dt) as integer) as n_days
from asof_days
cross join directions
left join library_days
    on
        asof_days.root = library_days.root
        and directions.approach_dir = library_days.approach_dir
        and asof_days.dt > library_days.dt
group by asof_days.root, asof_days.dt, directions.approach_dir
