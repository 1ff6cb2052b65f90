-- A kernel computes shares for many queries at once. Kept neighbors must give the same shares,
-- drawn to the base rate, and the same support, in which windows of an episode count together. The
-- number of windows per episode is limited.
{{ config(meta={'partitions_of': ['retrieval_neighbors']}) }}

with

neighbors as (
    select * from {{ ref('retrieval_neighbors') }}
    where {{ in_partition() }}
),

by_episode as (
    select
        vector_id,
        horizon_id,
        neighbor_episode_id,
        count(*) as n_neighbors,
        sum(weight order by rank) as weight
    from neighbors
    group by vector_id, horizon_id, neighbor_episode_id
),

episodes as (
    select
        vector_id,
        horizon_id,
        sum(weight * weight order by neighbor_episode_id) as squares
    from by_episode
    group by vector_id, horizon_id
),

summed as (
    select
        vector_id,
        horizon_id,
        count(*) as n_neighbors,
        sum(weight order by rank) as weight,
        coalesce(sum(weight order by rank) filter (outcome = 'BREAK'), 0) as break_weight,
        coalesce(sum(weight order by rank) filter (outcome = 'REJECT'), 0) as reject_weight,
        max(neighbor_dt) as last_dt
    from neighbors
    group by vector_id, horizon_id
),

shares as (
    select
        summed.*,
        summed.weight * summed.weight / episodes.squares as n_eff,
        summed.break_weight / summed.weight as p_break_raw,
        summed.reject_weight / summed.weight as p_reject_raw
    from summed
    inner join episodes
        on
            summed.vector_id = episodes.vector_id
            and summed.horizon_id = episodes.horizon_id
)

select
    shares.vector_id,
    shares.horizon_id
from shares
inner join {{ ref('retrieval_outcomes') }} as outcomes
    on
        shares.vector_id = outcomes.vector_id
        and shares.horizon_id = outcomes.horizon_id
where
    {{ in_partition('outcomes.symbol', 'outcomes.dt') }}
    and (
        shares.n_neighbors != outcomes.n_neighbors
        or shares.last_dt is distinct from outcomes.library_last_dt
        or abs(shares.n_eff - outcomes.n_eff) > 1e-9 * outcomes.n_eff
        or abs(shares.p_break_raw - outcomes.p_break_raw) > 1e-9
        or abs(shares.p_reject_raw - outcomes.p_reject_raw) > 1e-9
        or abs(
            (
                shares.n_eff * shares.p_break_raw
                + {{ var('base_rate_weight') }} * outcomes.base_break
            )
            / (shares.n_eff + {{ var('base_rate_weight') }})
            - outcomes.p_break
        ) > 1e-9
    )
union all
select
    vector_id,
    horizon_id
from by_episode
where n_neighbors > {{ var('neighbors_per_episode') }}
