-- Changes of whether size that was not displayed trades at a level: refills and hidden fills of a
-- second; without any in the second after it is over
with

traded as (
    select
        icebergs.window_end_ts,
        rules.rule,
        levels.level_id,
        any_value(rules.contracts) as least,
        sum(icebergs.refill_qty + icebergs.hidden_fill_qty) as contracts,
        sum(icebergs.refill_count) as refills
    from silver.iceberg_1s as icebergs
    inner join silver.levels_1s as levels
        on icebergs.window_end_ts = levels.window_end_ts and levels.is_active
    inner join alerts.watched as watched on levels.level_id = watched.level_id
    inner join alerts.iceberg as rules on watched.rule = rules.rule
    where
        icebergs.window_valid
        and abs(icebergs.price_int - levels.level_price_int) <= rules.ticks * $tick_int
    group by all
),

seen as (
    select *
    from traded
    where contracts >= least
),

left_behind as (
    select
        window_end_ts,
        rule,
        level_id as subject
    from seen
    union all
    select
        cast($from_ts as timestamp) as window_end_ts,
        rule,
        subject
    from alerts.open_events
    where event = 'iceberg'
),

over as (
    select
        window_end_ts + interval 1 second as window_end_ts,
        rule,
        subject
    from left_behind
    qualify
        coalesce(
            lead(window_end_ts) over (partition by rule, subject order by window_end_ts)
            > window_end_ts + interval 1 second,
            window_end_ts < $to_ts
        )
),

judged as (
    select
        window_end_ts,
        rule,
        level_id as subject,
        level_id,
        true as is_on,
        struct_pack(contracts := contracts, refills := refills) as measured
    from seen
    union all by name
    select
        window_end_ts,
        rule,
        subject,
        false as is_on
    from over
)

select
    window_end_ts,
    rule,
    subject,
    level_id,
    'iceberg' as event,
    is_on,
    measured
from judged
qualify
    lag(is_on) over (partition by rule, subject order by window_end_ts) is distinct from is_on
order by window_end_ts;
