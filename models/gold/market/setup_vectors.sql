-- noqa: disable=LT02,LT05,RF03
{{ partitioned_by('setup_events', inputs=['market_by_price_10_bar5s'], storage='table') }}

{# length of the bars of market_by_price_10_bar5s #}
{% set step_s = var('vector_window_s') %}
{# the windows of a setup by their first and last bar of sma_bar_s #}
{% set windows = {
    'trigger': ['trigger_candle_id', 'trigger_candle_id'],
    'confirm': ['confirm_candle_id', 'confirm_candle_id'],
    'lookback': ['lookback_start_candle_id', 'confirm_candle_id'],
} %}
{% set signals = setup_signals() %}
{% set key = ['level_id', 'direction', 'trigger_candle_id'] %}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

setups as (
    select
        symbol,
        dt,
        level_id,
        direction,
        trigger_candle_id,
        confirm_candle_id,
        lookback_start_candle_id,
        infer_ts,
        level_price_int,
        if(direction = 'up', 1, -1) as sign
    from {{ ref('setup_events') }}
    where {{ in_partition() }}
),

levels as (
    select
        level_id,
        window_end_ts
    from {{ ref('levels_1s') }}
    where {{ in_partition() }} and is_active
),

bars as (
    select * from {{ ref('market_by_price_10_bar5s') }}
    where {{ in_partition() }} and is_valid
),

study as (
    select unnest({{ session_bounds_utc(partition_value('dt'), 'rth_study') }})
),

windows as (
    {% for bar, ends in windows.items() %}
        select
            setups.level_id,
            setups.direction,
            setups.trigger_candle_id,
            '{{ bar }}' as bar,
            study.start_ts + to_seconds({{ var('sma_bar_s') }} * setups.{{ ends[0] }})
                as window_start_ts,
            study.start_ts + to_seconds({{ var('sma_bar_s') }} * (setups.{{ ends[1] }} + 1))
                as window_end_ts
        from setups
        cross join study
        {{ "union all" if not loop.last }}
    {% endfor %}
),

-- usual size of the order flow imbalance
flows as (
    select
        level_id,
        direction,
        trigger_candle_id,
        list_avg(imbalances) as ofi_mean,
        list_stddev_pop(imbalances) as ofi_std
    from (
        select
            windows.level_id,
            windows.direction,
            windows.trigger_candle_id,
            list(bars.ofi_l10_sum order by bars.bar_end_ts)
                filter (bars.ofi_l10_sum is not null) as imbalances
        from windows
        inner join bars
            on
                windows.window_start_ts < bars.bar_end_ts
                and windows.window_end_ts >= bars.bar_end_ts
        where windows.bar = 'lookback'
        group by windows.level_id, windows.direction, windows.trigger_candle_id
    ) as flows_of_windows
),

-- once per bar, from the moment the level is one
bars_of_setups as (
    select
        windows.level_id,
        windows.direction,
        windows.trigger_candle_id,
        windows.bar,
        cast(epoch(bars.bar_end_ts - windows.window_start_ts) as integer) as x,
        cast(epoch(windows.window_end_ts - windows.window_start_ts) as integer) as window_s,
        bars.is_carried,
        {% for signal, formula in signals.items() %}
            {{ formula }} as {{ signal }}{{ "," if not loop.last }}
        {% endfor %}
    from windows
    inner join setups
        on
            windows.level_id = setups.level_id
            and windows.direction = setups.direction
            and windows.trigger_candle_id = setups.trigger_candle_id
    inner join bars
        on
            windows.window_start_ts < bars.bar_end_ts
            and windows.window_end_ts >= bars.bar_end_ts
    inner join levels
        on
            bars.bar_end_ts = levels.window_end_ts
            and windows.level_id = levels.level_id
    left join flows
        on
            windows.level_id = flows.level_id
            and windows.direction = flows.direction
            and windows.trigger_candle_id = flows.trigger_candle_id
    cross join contract_day
),

stepped as (
    select
        *,
        {% for signal in signals %}
            if(
                lag(x) over bars_in_order = x - {{ step_s }},
                abs({{ signal }} - lag({{ signal }}) over bars_in_order),
                null
            ) as {{ signal }}_step{{ "," if not loop.last }}
        {% endfor %}
    from bars_of_setups
    window bars_in_order as (
        partition by level_id, direction, trigger_candle_id, bar
        order by x
    )
),

lists as (
    select
        level_id,
        direction,
        trigger_candle_id,
        bar,
        {% for signal in signals %}
            list(
                struct_pack(
                    x := x,
                    y := {{ signal }},
                    is_carried := is_carried,
                    third := 3 * (x // {{ step_s }} - 1) // (window_s // {{ step_s }})
                ) order by x
            ) filter ({{ signal }} is not null) as {{ signal }}_points,
            list({{ signal }}_step order by x) filter ({{ signal }}_step is not null)
                as {{ signal }}_steps{{ "," if not loop.last }}
        {% endfor %}
    from stepped
    group by level_id, direction, trigger_candle_id, bar
)

select
    setups.symbol,
    setups.dt,
    setups.level_id,
    setups.direction,
    setups.trigger_candle_id,
    setups.infer_ts,
    {% for bar in windows %}
        {% set outer_loop = loop %}
        {% for signal in signals %}
            {% set signal_loop = loop %}
            {% set operators = setup_operators(
                bar ~ '.' ~ signal ~ '_points', bar ~ '.' ~ signal ~ '_steps',
                signal == 'signed_distance'
            ) %}
            {% for operator, formula in operators.items() %}
                {% set type = 'integer' if operator in ['n', 'sign_flips'] else 'double' %}
                cast({{ formula }} as {{ type }}) as {{ signal }}_{{ operator }}_{{ bar }}
                {{- "," if not (loop.last and signal_loop.last and outer_loop.last) }}
            {% endfor %}
        {% endfor %}
    {% endfor %}
from setups
{% for bar in windows %}
    left join lists as {{ bar }}
        on
            {{ bar }}.bar = '{{ bar }}'
            {% for column in key %}
                and setups.{{ column }} = {{ bar }}.{{ column }}
            {% endfor %}
{% endfor %}
order by setups.infer_ts, setups.level_id, setups.direction
