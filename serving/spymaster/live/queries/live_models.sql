-- What a session runs second by second: the look-backs of live models and their compiled SQL
select
    live.relation,
    live.every_s,
    live.lookback_s,
    live.reaches_back_s,
    live.extends_by,
    live.is_bound,
    live.keeps_earlier_days,
    live.lookback_of_inputs,
    live.last_by_of_inputs,
    live.only_of_inputs,
    live.needs_of_inputs,
    calls.kernel,
    code.sql
from meta.live_models as live
inner join meta.model_sql as code on live.relation = code.relation
left join meta.kernel_calls as calls on live.relation = calls.relation
where code.language = 'sql' and code.materialized = 'partitioned'
order by live.relation;
