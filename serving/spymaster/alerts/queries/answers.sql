-- Odds, base rates and support at the level of each new event, as the payload of the second says
with

payloads as (
    select
        signals.window_end_ts,
        unnest(from_json(
            json_extract(signals.payload, '$.levels'),
            '[{"id": "VARCHAR", "retrieval": {"p_break": "DOUBLE", "p_reject": "DOUBLE",
            "p_chop": "DOUBLE", "base_break": "DOUBLE", "base_reject": "DOUBLE",
            "base_chop": "DOUBLE", "n_eff": "DOUBLE", "neighbors_ok": "BOOLEAN"}}]'
        ), recursive := true)
    from gold.level_signals as signals
    where
        signals.window_end_ts in (
            select fired.window_end_ts from alerts.fired as fired
        )
)

select
    fired.window_end_ts,
    fired.level_id,
    payloads.p_break,
    payloads.p_reject,
    payloads.p_chop,
    payloads.base_break,
    payloads.base_reject,
    payloads.base_chop,
    payloads.n_eff,
    payloads.neighbors_ok
from alerts.fired as fired
inner join payloads
    on
        fired.window_end_ts = payloads.window_end_ts
        and fired.level_id = payloads.id;
