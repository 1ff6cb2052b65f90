-- Changes of whether a level has a signal of the break score, or a score high enough; a level that
-- is no longer scored has left, and an unknown score changes nothing
with

placed as (
    select
        levels.window_end_ts,
        levels.level_id,
        levels.is_active,
        offsets.k_ticks
    from silver.levels_1s as levels
    inner join silver.level_offset_1s as offsets using (window_end_ts, level_id)
),

judged as (
    select
        placed.window_end_ts,
        rules.rule,
        placed.level_id as subject,
        placed.level_id,
        'score' as event,
        case
            when not placed.is_active or (scores.level_id is null and placed.k_ticks is not null)
                then false
            when
                (scores.signal is not null and not list_contains(rules.signals, scores.signal))
                or scores.score_smooth < rules.score_from - rules.margin
                then false
            when
                (rules.signals is null or list_contains(rules.signals, scores.signal))
                and (rules.score_from is null or scores.score_smooth >= rules.score_from)
                and abs(placed.k_ticks) <= rules.ticks
                then true
        end as is_on,
        struct_pack(
            score := scores.score_smooth,
            signal := scores.signal,
            implied_dir := scores.implied_dir,
            confidence := scores.confidence
        ) as measured
    from placed
    inner join alerts.watched as watched on placed.level_id = watched.level_id
    inner join alerts.score as rules on watched.rule = rules.rule
    left join gold.break_score_1s as scores
        on
            placed.window_end_ts = scores.window_end_ts
            and placed.level_id = scores.level_id
)

select *
from judged
where is_on is not null
qualify
    lag(is_on) over (partition by rule, subject order by window_end_ts) is distinct from is_on
order by window_end_ts;
