-- The four conditions at the level of each new event
select
    fired.window_end_ts,
    fired.level_id,
    conditions.state,
    conditions.level_side,
    conditions.held_s
from alerts.fired as fired
inner join gold.conditions_in_use_1s as conditions
    on
        fired.window_end_ts = conditions.window_end_ts
        and fired.level_id = conditions.level_id;
