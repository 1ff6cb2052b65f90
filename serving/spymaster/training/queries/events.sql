-- Events of the contract a trader would have used that day, with their primary label
select
    events.*,
    events.event_ts as window_end_ts,
    epoch_ns(events.event_ts) // 1000000000 as window_end_s,
    epoch_ns(labels.label_end_ts) // 1000000000 as label_end_s,
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
inner join steps.level_event_labels as labels
    on
        events.symbol = labels.symbol
        and events.dt = labels.dt
        and events.event_id = labels.event_id
        and labels.horizon_min = $horizon_min
inner join silver.level_definitions as kinds on events.level_id = kinds.level_id
left join silver.level_offset_1s as offsets
    on
        events.symbol = offsets.symbol
        and events.dt = offsets.dt
        and events.level_id = offsets.level_id
        and events.event_ts = offsets.window_end_ts
where selected.root = $root and events.direction = $direction
order by events.session_date, events.event_ts, events.level_id
