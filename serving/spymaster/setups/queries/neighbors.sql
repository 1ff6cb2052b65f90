-- The published neighbors of a decision at a horizon, with what followed each; most similar first
with

barriers as (
    select distinct
        symbol,
        dt,
        barrier_mode
    from silver.level_decisions
)

select
    neighbors.neighbor_vector_id as vector_id,
    neighbors.neighbor_symbol as symbol,
    neighbors.neighbor_dt as dt,
    neighbors.neighbor_level_id as level_id,
    neighbors.neighbor_window_end_ts as window_end_ts,
    neighbors.neighbor_episode_id as episode_id,
    neighbors.similarity,
    neighbors.weight,
    neighbors.outcome,
    (epoch_ns(labels.reached_hit_ts) - epoch_ns(labels.window_end_ts)) / 1e9 as time_to_hit_s,
    cast(labels.mfe_ticks as double) as mfe_ticks,
    cast(labels.mae_ticks as double) as mae_ticks
from gold.retrieval_neighbors as neighbors
inner join barriers
    on
        neighbors.neighbor_symbol = barriers.symbol
        and neighbors.neighbor_dt = barriers.dt
inner join gold.level_labels as labels
    on
        neighbors.neighbor_symbol = labels.symbol
        and neighbors.neighbor_dt = labels.dt
        and neighbors.neighbor_level_id = labels.level_id
        and neighbors.neighbor_window_end_ts = labels.window_end_ts
        and neighbors.horizon_id = labels.horizon_id
        and barriers.barrier_mode = labels.barrier_kind
where
    neighbors.symbol = $symbol
    and neighbors.dt = $dt
    and neighbors.vector_id = $vector_id
    and neighbors.horizon_id = $horizon_id
order by neighbors.rank;
