-- Every approach that was resolved, with the first second at which the state that names its outcome
-- had held long enough to be believed
with

episodes as (
    select
        selected.root,
        selected.session_date,
        outcomes.symbol,
        outcomes.dt,
        outcomes.level_id,
        decisions.approach_dir,
        outcomes.episode_id,
        if(decisions.approach_dir = 'approach_up', 1, -1) as direction,
        min(outcomes.window_end_ts) as first_window_end_ts,
        -- the first decision of the episode whose path was resolved
        arg_min(
            struct_pack(
                level_tick := decisions.level_tick,
                barrier_ticks := outcomes.barrier_ticks,
                outcome_reached := outcomes.outcome_reached,
                reached_ts := outcomes.reached_ts,
                hit_ts := outcomes.reached_hit_ts
            ),
            outcomes.window_end_ts
        ) filter (outcomes.outcome_reached in ('BREAK', 'REJECT')) as path
    from gold.level_outcomes as outcomes
    inner join silver.level_decisions as decisions
        on
            outcomes.symbol = decisions.symbol
            and outcomes.dt = decisions.dt
            and outcomes.level_id = decisions.level_id
            and outcomes.window_end_ts = decisions.window_end_ts
            and outcomes.barrier_kind = decisions.barrier_mode
    inner join silver.mbo_contract_day_selection as selected
        on
            outcomes.symbol = selected.selected_symbol
            and outcomes.dt = selected.session_date
    where
        selected.root = $root
        and outcomes.horizon_id = $horizon_id
        and outcomes.outcome_reached is not null
    group by all
),

resolved as (
    select
        * exclude (path),
        unnest(path)
    from episodes
    where path is not null
),

-- the move begins when price is half a barrier from the level in its direction
moves as (
    select
        resolved.episode_id,
        min(trades.ts_event) as move_ts
    from resolved
    inner join silver.book_engine_input as engine_input
        on
            resolved.symbol = engine_input.symbol
            and resolved.dt = engine_input.dt
    inner join silver.contract_trades as trades
        on
            resolved.symbol = trades.symbol
            and resolved.dt = trades.dt
            and trades.ts_event >= resolved.reached_ts
            and trades.ts_event <= resolved.hit_ts
    where
        if(resolved.outcome_reached = 'BREAK', 1, -1) * resolved.direction
        * (trades.price_int // engine_input.tick_int - resolved.level_tick)
        >= ceil(resolved.barrier_ticks / 2)
    group by resolved.episode_id
),

seen as (
    select
        resolved.episode_id,
        min(states.window_end_ts) as seen_ts
    from resolved
    inner join silver.turn_states_1s as states
        on
            resolved.symbol = states.symbol
            and resolved.dt = states.dt
            and resolved.level_id = states.level_id
            and resolved.direction = states.level_side
            and states.window_end_ts >= resolved.first_window_end_ts
            and states.window_end_ts <= resolved.hit_ts
            and states.held_s >= $hold_s
            and states.state
            = if(resolved.outcome_reached = 'BREAK', 'ahead_only', 'all_four')
    where states.condition_window_s = $condition_window_s
    group by resolved.episode_id
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
    seen.seen_ts,
    resolved.reached_ts,
    moves.move_ts,
    resolved.hit_ts,
    -- the candle after the one in which the move began, at whose end a chart confirms it
    time_bucket(
        to_seconds($bar_s), cast(moves.move_ts as timestamp), timestamp '1970-01-01'
    ) + to_seconds(2 * $bar_s) as confirmation_end_ts,
    (epoch_ns(resolved.hit_ts) - epoch_ns(seen.seen_ts)) / 1e9 as lead_to_hit_s,
    (epoch_ns(moves.move_ts) - epoch_ns(seen.seen_ts)) / 1e9 as lead_to_move_s,
    epoch(
        time_bucket(
            to_seconds($bar_s), cast(moves.move_ts as timestamp), timestamp '1970-01-01'
        ) + to_seconds(2 * $bar_s) - seen.seen_ts
    ) as lead_to_confirmation_s
from resolved
left join moves on resolved.episode_id = moves.episode_id
left join seen on resolved.episode_id = seen.episode_id
order by resolved.session_date, resolved.first_window_end_ts, resolved.level_id
