-- Sequences of decisions that have one, in the order of the decisions
select
    keys.number,
    sequences.*
from keys
inner join gold.sequence_dataset as sequences
    on
        keys.symbol = sequences.symbol
        and keys.dt = sequences.dt
        and keys.level_id = sequences.level_id
        and keys.window_end_ts = sequences.window_end_ts
where sequences.approach_dir = $approach_dir and sequences.decision_phase = $phase
order by keys.number
