{% set choices = ['auto', 'all', 'own', 'kind'] %}
{% if var('pool_levels') not in choices %}
    {{ exceptions.raise_compiler_error(
        "pool_levels is auto, all, own or kind, not '" ~ var('pool_levels') ~ "'"
    ) }}
{% endif %}

with

library_days as (
    select * from {{ ref('retrieval_library_days') }}
),

asof_days as (
    select * from {{ ref('retrieval_days') }}
),

levels as (
    select
        level_id,
        level_kind,
        {% if var('pool_levels') == 'kind' %}
            list(level_id) over (partition by level_kind order by level_id rows between
                unbounded preceding and unbounded following) as own_level_ids
        {% else %}
            [level_id] as own_level_ids
        {% endif %}
    from {{ ref('level_definitions') }}
),

directions as (
    select
        approach_dir,
        decision_phase
    from
        unnest(['approach_up', 'approach_down']) as of_directions (approach_dir),
        unnest(['approaching', 'at', 'through', 'back']) as of_phases (decision_phase)
),

asked as (
    select
        asof_days.root,
        asof_days.dt,
        levels.level_id,
        levels.level_kind,
        levels.own_level_ids,
        directions.approach_dir,
        directions.decision_phase
    from asof_days
    cross join levels
    cross join directions
),

of_levels as (
    select
        asked.*,
        coalesce(sum(library_days.n_vectors), 0) as n_vectors,
        coalesce(sum(library_days.n_episodes), 0) as n_episodes,
        count(distinct library_days.dt) as n_days
    from asked
    left join library_days
        on
            asked.root = library_days.root
            and list_contains(asked.own_level_ids, library_days.level_id)
            and asked.approach_dir = library_days.approach_dir
            and asked.decision_phase = library_days.decision_phase
            and asked.dt > library_days.dt
    group by all
),

of_directions as (
    select
        asof_days.root,
        asof_days.dt,
        directions.approach_dir,
        directions.decision_phase,
        coalesce(sum(library_days.n_vectors), 0) as n_vectors,
        coalesce(sum(library_days.n_episodes), 0) as n_episodes,
        count(distinct library_days.dt) as n_days
    from asof_days
    cross join directions
    left join library_days
        on
            asof_days.root = library_days.root
            and directions.approach_dir = library_days.approach_dir
            and directions.decision_phase = library_days.decision_phase
            and asof_days.dt > library_days.dt
    group by asof_days.root, asof_days.dt, directions.approach_dir, directions.decision_phase
),

chosen as (
    select
        of_levels.*,
        {% if var('pool_levels') == 'auto' %}
            of_levels.n_episodes >= {{ var('pool_min_episodes') }}
        {% else %}
            {{ 'false' if var('pool_levels') == 'all' else 'true' }}
        {% endif %} as has_own,
        of_directions.n_vectors as all_n_vectors,
        of_directions.n_episodes as all_n_episodes,
        of_directions.n_days as all_n_days
    from of_levels
    inner join of_directions
        on
            of_levels.root = of_directions.root
            and of_levels.dt = of_directions.dt
            and of_levels.approach_dir = of_directions.approach_dir
            and of_levels.decision_phase = of_directions.decision_phase
)

select
    root,
    dt,
    level_id,
    approach_dir,
    decision_phase,
    {% set own_pool = "'kind:' || level_kind" if var('pool_levels') == 'kind' else 'level_id' %}
    if(has_own, {{ own_pool }}, 'all') as pool_level_id,
    if(has_own, own_level_ids, cast([] as varchar[])) as pool_level_ids,
    cast(if(has_own, n_vectors, all_n_vectors) as integer) as n_vectors,
    cast(if(has_own, n_episodes, all_n_episodes) as integer) as n_episodes,
    cast(if(has_own, n_days, all_n_days) as integer) as n_days
from chosen
