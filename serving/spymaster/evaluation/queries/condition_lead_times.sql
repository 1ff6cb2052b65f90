-- One row per resolved approach, with its first alarm that named the outcome
with

resolved as (
    select * from episodes
    where outcome_reached is not null
),

-- the move begins when price is half a barrier past the level towards its outcome
moves as (
    select
        resolved.episode_id,
        min(trades.ts_event) as move_ts
    from resolved
    inner join silver.contract_days as contract_day
        on
            resolved.symbol = contract_day.symbol
            and resolved.dt = contract_day.dt
    inner join steps.contract_trades as trades
        on
            resolved.symbol = trades.symbol
            and resolved.dt = trades.dt
            and trades.ts_event >= resolved.reached_ts
            and trades.ts_event <= resolved.hit_ts
    where
        if(resolved.outcome_reached = 'BREAK', 1, -1) * resolved.direction
        * (trades.price_int // contract_day.tick_int - resolved.level_tick)
        >= ceil(resolved.barrier_ticks / 2)
    group by resolved.episode_id
),

seen as (
    select
        episode_id,
        min(alarm_ts) as seen_ts
    from alarms
    where came_true
    group by episode_id
),

leads as (
    select
        resolved.episode_id,
        seen.seen_ts,
        moves.move_ts,
        -- a chart confirms the move at the end of the candle after the one in which it began
        time_bucket(
            to_seconds($bar_s), cast(moves.move_ts as timestamp), timestamp '1970-01-01'
        ) + to_seconds(2 * $bar_s) as confirmation_end_ts,
        (epoch_ns(resolved.hit_ts) - epoch_ns(seen.seen_ts)) / 1e9 as lead_to_hit_s,
        (epoch_ns(moves.move_ts) - epoch_ns(seen.seen_ts)) / 1e9 as lead_to_move_s,
        epoch(
            time_bucket(
                to_seconds($bar_s), cast(moves.move_ts as timestamp), timestamp '1970-01-01'
            ) + to_seconds(2 * $bar_s) - seen.seen_ts
        ) as lead_to_confirmation_s,
        -- a lead shorter than the time between two updates is not known
        coalesce(resolutions.resolution_s, 0) as shortest_s
    from resolved
    left join moves on resolved.episode_id = moves.episode_id
    left join seen on resolved.episode_id = seen.episode_id
    left join turn_resolutions as resolutions
        on
            resolved.symbol = resolutions.symbol
            and resolved.dt = resolutions.dt
            and seen.seen_ts = resolutions.window_end_ts
            and resolutions.condition_window_s = $condition_window_s
)

select
    resolved.root,
    resolved.symbol,
    resolved.dt,
    resolved.session_date,
    resolved.level_id,
    resolved.approach_dir,
    $horizon_id as horizon_id,
    resolved.episode_id,
    resolved.outcome_reached,
    if(resolved.outcome_reached = 'BREAK', 'ahead_only', 'all_four') as state,
    resolved.first_window_end_ts,
    leads.seen_ts,
    resolved.reached_ts,
    leads.move_ts,
    resolved.hit_ts,
    leads.confirmation_end_ts,
    case when abs(leads.lead_to_hit_s) >= leads.shortest_s then leads.lead_to_hit_s end
        as lead_to_hit_s,
    case when abs(leads.lead_to_move_s) >= leads.shortest_s then leads.lead_to_move_s end
        as lead_to_move_s,
    case
        when abs(leads.lead_to_confirmation_s) >= leads.shortest_s
            then leads.lead_to_confirmation_s
    end as lead_to_confirmation_s,
    $conditions_basis as conditions_basis
from resolved
inner join leads on resolved.episode_id = leads.episode_id
order by resolved.session_date, resolved.first_window_end_ts, resolved.level_id
