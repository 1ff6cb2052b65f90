{{ partitioned_by('levels_1s', storage='table') }}

{% set parts = ['open', 'high', 'low', 'close'] %}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

study as (
    select unnest({{ session_bounds_utc(partition_value('dt'), 'rth_study') }})
),

day_end as (
    select max(window_end_ts) as day_end_ts
    from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

levels as (
    select
        window_end_ts,
        level_id,
        level_tick,
        is_primary
    from {{ ref('levels_1s') }}
    where
        {{ in_partition() }}
        and is_active
),

bars as (
    select
        bars.bar_start_ts,
        bars.bar_end_ts,
        {% for part in parts %}
            bars.{{ part }}_price_int // contract_day.tick_int as {{ part }}_tick,
        {% endfor %}
        row_number() over (order by bars.bar_start_ts) as bar_no
    from {{ ref('bars') }} as bars
    cross join contract_day
    where
        {{ in_partition('bars.symbol', 'bars.dt') }}
        and bars.bar_s = {{ var('sma_bar_s') }}
),

directions as (
    select
        unnest(['up', 'down']) as direction,
        unnest([1, -1]) as sign
),

-- a bar next to every level as it was known when the bar began, in the sense of an approach:
-- negative before the level, in a fall as in a rise
bars_at_levels as (
    select
        levels.level_id,
        levels.level_tick,
        levels.is_primary,
        directions.direction,
        directions.sign,
        bars.bar_no,
        bars.bar_start_ts,
        if(
            directions.sign = 1,
            bars.high_tick - levels.level_tick,
            levels.level_tick - bars.low_tick
        ) as furthest_ticks,
        if(
            directions.sign = 1,
            bars.low_tick - levels.level_tick,
            levels.level_tick - bars.high_tick
        ) as nearest_ticks
    from bars
    inner join levels on bars.bar_start_ts = levels.window_end_ts
    cross join directions
    cross join study
    where bars.bar_start_ts >= study.start_ts
),

retreats as (
    select
        *,
        coalesce(
            max(bar_no) filter (nearest_ticks <= -{{ var('setup_rearm_ticks') }}) over (
                partition by level_id, direction
                order by bar_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as last_retreat_no
    from bars_at_levels
),

closes_before as (
    select
        retreats.level_id,
        retreats.direction,
        retreats.bar_no,
        count(*) as side_bars
    from retreats
    inner join bars
        on
            retreats.bar_no > bars.bar_no
            and retreats.bar_no <= bars.bar_no + {{ var('setup_side_bars') }}
    where retreats.sign * (bars.close_tick - retreats.level_tick) < 0
    group by retreats.level_id, retreats.direction, retreats.bar_no
),

candidates as (
    select retreats.*
    from retreats
    inner join closes_before
        on
            retreats.level_id = closes_before.level_id
            and retreats.direction = closes_before.direction
            and retreats.bar_no = closes_before.bar_no
    where
        retreats.is_primary
        and closes_before.side_bars = {{ var('setup_side_bars') }}
        and retreats.furthest_ticks >= {{ var('setup_cross_ticks') }}
),

-- one after the other: whether a candidate triggers depends on the one that triggered before
armed as (
    select
        level_id,
        direction,
        list_reduce(
            list([bar_no, last_retreat_no] order by bar_no),
            (triggers, candidate) -> if(
                candidate[1] - triggers[-2] > {{ var('setup_rearm_bars') }}
                and candidate[2] > triggers[-2],
                list_concat(triggers, candidate),
                triggers
            )
        ) as triggers
    from candidates
    group by level_id, direction
),

triggers as (
    select
        level_id,
        direction,
        unnest(list_filter(triggers, (number, i) -> i % 2 = 1)) as bar_no
    from armed
),

setups as (
    select
        candidates.level_id,
        candidates.level_tick,
        candidates.direction,
        candidates.sign,
        candidates.bar_no
    from candidates
    semi join triggers
        on
            candidates.level_id = triggers.level_id
            and candidates.direction = triggers.direction
            and candidates.bar_no = triggers.bar_no
    qualify
        row_number() over (
            partition by candidates.level_id
            order by candidates.bar_no, candidates.direction
        ) <= {{ var('setup_max_per_level') }}
),

-- the bars after the confirmation
labelled as (
    select
        setups.level_id,
        setups.direction,
        setups.bar_no,
        count(*) as lookforward_bars,
        max(bars.bar_end_ts) as last_bar_end_ts,
        min(bars.bar_end_ts) filter (
            abs(bars.close_tick - setups.level_tick) >= {{ var('barrier_ticks') }}
        ) as hit_ts,
        arg_min(setups.sign * (bars.close_tick - setups.level_tick), bars.bar_no) filter (
            abs(bars.close_tick - setups.level_tick) >= {{ var('barrier_ticks') }}
        ) as hit_ticks
    from setups
    inner join bars
        on
            bars.bar_no > setups.bar_no + 1
            and bars.bar_no <= setups.bar_no + 1 + {{ var('setup_lookforward_bars') }}
    group by setups.level_id, setups.direction, setups.bar_no
),

outcomes as (
    select
        setups.*,
        labelled.hit_ts,
        labelled.last_bar_end_ts,
        case
            when labelled.hit_ticks > 0 then 'BREAK'
            when labelled.hit_ticks < 0 then 'REJECT'
            when labelled.lookforward_bars = {{ var('setup_lookforward_bars') }} then 'CHOP'
            else 'CENSORED'
        end as outcome
    from setups
    left join labelled
        on
            setups.level_id = labelled.level_id
            and setups.direction = labelled.direction
            and setups.bar_no = labelled.bar_no
)

select
    contract_day.symbol,
    contract_day.dt,
    outcomes.level_id,
    outcomes.direction,
    {{ candle_id('trigger_bars.bar_start_ts', partition_value('dt')) }} as trigger_candle_id,
    {{ candle_id('confirm_bars.bar_start_ts', partition_value('dt')) }} as confirm_candle_id,
    confirm_bars.bar_end_ts as infer_ts,
    {{ candle_id('confirm_bars.bar_start_ts', partition_value('dt')) }}
    - {{ var('setup_lookback_bars') - 1 }} as lookback_start_candle_id,
    outcomes.level_tick * contract_day.tick_int as level_price_int,
    {% for bar in ['trigger', 'confirm'] %}
        {% for part in parts %}
            cast(outcomes.sign * ({{ bar }}_bars.{{ part }}_tick - outcomes.level_tick) as integer)
                as {{ bar }}_{{ part }}_ticks,
        {% endfor %}
    {% endfor %}
    outcomes.outcome,
    case outcomes.outcome
        when 'CENSORED'
            then greatest(confirm_bars.bar_end_ts, outcomes.last_bar_end_ts, day_end.day_end_ts)
        else coalesce(outcomes.hit_ts, outcomes.last_bar_end_ts)
    end as label_end_ts
from outcomes
cross join contract_day
cross join day_end
inner join bars as trigger_bars on outcomes.bar_no = trigger_bars.bar_no
inner join bars as confirm_bars on outcomes.bar_no + 1 = confirm_bars.bar_no
order by infer_ts, outcomes.level_id, outcomes.direction
