-- Events of the contract a trader would have used that day, with their labels
with label_ends as (
    select
        symbol,
        dt,
        event_id,
        epoch_ns(max(label_end_ts) filter (horizon_min = 2)) // 1000000000 as label_end_s_2min,
        epoch_ns(max(label_end_ts) filter (horizon_min = 4)) // 1000000000 as label_end_s_4min,
        epoch_ns(max(label_end_ts) filter (horizon_min = 8)) // 1000000000 as label_end_s_8min
    from steps.level_event_labels
    group by all
)

select
    events.*,
    events.event_ts as window_end_ts,
    epoch_ns(events.event_ts) // 1000000000 as window_end_s,
    label_ends.label_end_s_2min,
    label_ends.label_end_s_4min,
    label_ends.label_end_s_8min,
    offsets.k_vol,
    offsets.speed_15s,
    offsets.sigma_1s_ticks,
    kinds.level_kind as kind_of_level,
    (
        select min(fixed.barrier_ticks) from gold.level_labels as fixed
        where fixed.barrier_kind = 'fixed'
    ) as barrier_ticks
from gold.level_events as events
inner join silver.mbo_contract_day_selection as selected
    on
        events.session_date = selected.session_date
        and events.symbol = selected.selected_symbol
inner join label_ends
    on
        events.symbol = label_ends.symbol
        and events.dt = label_ends.dt
        and events.event_id = label_ends.event_id
inner join silver.level_definitions as kinds on events.level_id = kinds.level_id
left join silver.level_offset_1s as offsets
    on
        events.symbol = offsets.symbol
        and events.dt = offsets.dt
        and events.level_id = offsets.level_id
        and events.event_ts = offsets.window_end_ts
where selected.root = $root and events.direction = $direction
order by events.session_date, events.event_ts, events.level_id
