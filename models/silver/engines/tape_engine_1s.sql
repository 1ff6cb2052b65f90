-- noqa: disable=LT02
{{ partitioned_by('engine_levels_1s', inputs=['contract_trades'], contents=['instruments']) }}

{% set tape_s, velocity_s = engine_const('w_tape_s'), engine_const('w_velocity_s') %}
{% set moments = {'n': 'cast(1 as hugeint)', 'x': 'x', 'y': 'y', 'xx': 'x * x', 'xy': 'x * y'} %}

with

levels as (
    select * from {{ ref('engine_levels_1s') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

trades as (
    select
        contract_trades.trade_no,
        contract_trades.window_start_ts,
        contract_trades.price_int // contract_day.tick_int as price_ticks,
        contract_trades.size,
        case contract_trades.side when 'B' then 1 when 'A' then -1 end as aggressor,
        epoch_ns(contract_trades.ts_event) as time_ns
    from {{ ref('contract_trades') }} as contract_trades
    cross join contract_day
    where {{ in_partition('contract_trades.symbol', 'contract_trades.dt') }}
),

-- volume at the level
looked_at as (
    {{ seconds_looked_at(['level_tick'], tape_s) }}
),

prices as (
    select
        window_start_ts,
        price_ticks,
        cast(coalesce(sum(size) filter (where aggressor = 1), 0) as bigint) as buy_vol,
        cast(coalesce(sum(size) filter (where aggressor = -1), 0) as bigint) as sell_vol
    from trades
    group by window_start_ts, price_ticks
),

volumes as (
    select
        looked_at.window_start_ts,
        looked_at.level_tick,
        coalesce(sum(prices.buy_vol), 0) as buy_vol,
        coalesce(sum(prices.sell_vol), 0) as sell_vol
    from looked_at
    left join prices
        on
            looked_at.window_start_ts = prices.window_start_ts
            and prices.price_ticks
            between looked_at.level_tick - {{ engine_const('tape_band_ticks') }}
            and looked_at.level_tick + {{ engine_const('tape_band_ticks') }}
    group by looked_at.window_start_ts, looked_at.level_tick
),

volume_sums as (
    select
        window_start_ts,
        level_tick,
        cast(sum(buy_vol) over lookback as bigint) as buy_vol,
        cast(sum(sell_vol) over lookback as bigint) as sell_vol
    from volumes
    window lookback as (
        partition by level_tick
        order by window_start_ts
        range between interval {{ tape_s - 1 }} second preceding and current row
    )
),

seconds as (
    select distinct
        window_start_ts,
        window_end_ts
    from levels
),

-- least squares of price on time, over whole numbers so that the order of summing does not matter
moments as (
    select
        window_start_ts,
        {% for name, expression in moments.items() %}
            sum({{ expression }}) as sum_{{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from (
        select
            window_start_ts,
            cast(time_ns - epoch_ns(cast({{ partition_value('dt') }} as timestamp)) as hugeint)
                as x,
            cast(price_ticks as hugeint) as y
        from trades
    )
    group by window_start_ts
),

moment_sums as (
    select
        seconds.window_start_ts,
        {% for name in moments %}
            sum(moments.sum_{{ name }}) as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from (
        select
            window_start_ts,
            window_start_ts - to_seconds(unnest(range({{ velocity_s }}))) as looked_at_ts
        from seconds
    ) as seconds
    inner join moments on seconds.looked_at_ts = moments.window_start_ts
    group by seconds.window_start_ts
),

velocities as (
    select
        window_start_ts,
        epoch_ns(interval 1 second)
        * cast(n * xy - x * y as double) / nullif(cast(n * xx - x * x as double), 0)
            as velocity_ticks_s
    from moment_sums
    where n >= {{ engine_const('velocity_min_trades') }}
),

prints as (
    select
        coalesce(
            list(struct_pack(
                trade_no := trade_no,
                second_s := cast(epoch(window_start_ts) as bigint),
                time_ns := time_ns,
                aggressor := aggressor,
                price_ticks := price_ticks,
                size := size
            )),
            []
        ) as of_day
    from trades
    where aggressor is not null
),

second_list as (
    select
        list(window_start_ts order by window_start_ts) as window_starts,
        list(cast(epoch(window_start_ts) as bigint) order by window_start_ts) as seconds_s
    from seconds
),

runs as (
    select
        unnest(second_list.window_starts) as window_start_ts,
        -- a column per field of the run
        unnest(  -- noqa: AL03
            largest_sweeps(
                prints.of_day,
                second_list.seconds_s,
                struct_pack(
                    window_s := {{ tape_s }},
                    gap_ns := epoch_ns(interval {{ engine_const('sweep_gap_ms') }} millisecond)
                )
            ),
            recursive := true
        )
    from second_list
    cross join prints
    where second_list.window_starts is not null
),

valued as (
    select
        runs.*,
        runs.ticks_qty * (instruments.point_value * {{ points('contract_day.tick_int') }})
            as notional
    from runs
    cross join contract_day
    inner join instruments on contract_day.root = instruments.root
),

sweeps as (
    select
        window_start_ts,
        case aggressor when 1 then 'UP' else 'DOWN' end as sweep_direction,
        cast(num_prints as integer) as sweep_num_prints,
        (last_ns - first_ns) / epoch_ns(interval 1 millisecond) as sweep_span_ms,
        notional as sweep_notional,
        last_ns
    from valued
    where notional >= {{ engine_const('sweep_notional_usd') }}
),

readings as (
    select
        levels.*,
        volume_sums.buy_vol,
        volume_sums.sell_vol,
        velocities.velocity_ticks_s,
        sweeps.sweep_direction,
        sweeps.sweep_num_prints,
        sweeps.sweep_span_ms,
        sweeps.sweep_notional,
        greatest(epoch_ns(levels.window_end_ts) - sweeps.last_ns, 0) / epoch_ns(interval 1 second)
            as sweep_age_s
    from levels
    inner join volume_sums
        on
            levels.window_start_ts = volume_sums.window_start_ts
            and levels.level_tick = volume_sums.level_tick
    left join velocities on levels.window_start_ts = velocities.window_start_ts
    left join sweeps on levels.window_start_ts = sweeps.window_start_ts
)

select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    level_id,
    level_price_int,
    k_ticks,
    direction,
    break_direction,
    in_monitor_band,
    buy_vol,
    sell_vol,
    (buy_vol - sell_vol) / nullif(buy_vol + sell_vol, 0) as imbalance,
    velocity_ticks_s,
    sweep_direction is not null as sweep_detected,
    sweep_direction,
    sweep_num_prints,
    sweep_span_ms,
    sweep_notional,
    case when sweep_direction is not null then sweep_age_s end as sweep_age_s,
    least(1, (buy_vol + sell_vol) / {{ engine_const('activity_full') }}) as confidence
from readings
order by level_id, window_end_ts
