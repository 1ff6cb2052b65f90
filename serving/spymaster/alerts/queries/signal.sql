-- Changes of whether the pressure stream has a signal state at a level
with

judged as (
    select
        pressures.ts_end as window_end_ts,
        rules.rule,
        pressures.level_id as subject,
        pressures.level_id,
        'signal' as event,
        list_contains(rules.signal_states, pressures.signal_state) as is_on,
        struct_pack(
            signal_state := pressures.signal_state, signal := pressures.signal
        ) as measured
    from gold.mbo_pressure_stream as pressures
    inner join alerts.watched as watched on pressures.level_id = watched.level_id
    inner join alerts.signal as rules on watched.rule = rules.rule
)

select *
from judged
where is_on is not null
qualify
    lag(is_on) over (partition by rule, subject order by window_end_ts) is distinct from is_on
order by window_end_ts;
