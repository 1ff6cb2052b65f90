-- noqa: disable=LT02
{{ partitioned_by('level_event_moments', inputs=['recording_gaps'], storage='table') }}

{# lengths as the names of columns have them #}
{% set horizon_minutes = ['2', '4', '8'] %}
{% set thresholds = {
    '1': engine_const('threshold_1_ticks'), '2': engine_const('threshold_2_ticks')
} %}
{% set barrier = thresholds['2'] %}

with

moments as (
    select * from {{ ref('level_event_moments') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

recording_gaps as (
    select * from {{ ref('recording_gaps') }}
    where {{ in_partition() }}
),

path_ends as (
    {{ path_ends('moments', 'event_ts') }}
),

horizons as (
    select unnest([{{ horizon_minutes | join(', ') }}]) as horizon_min
),

ends as (
    select
        moments.*,
        horizons.horizon_min,
        moments.event_ts + to_minutes(horizons.horizon_min) as horizon_end_ts,
        timestamp '1970-01-01' + to_seconds(path_ends.path_end_s) as path_end_ts,
        timestamp '1970-01-01' + to_seconds(path_ends.gap_known_s) as gap_known_ts
    from moments
    inner join path_ends on moments.event_ts = path_ends.moment_ts
    cross join horizons
),

paths as (
    select
        *,
        path_end_ts < horizon_end_ts as is_cut,
        least(path_end_ts, horizon_end_ts) as end_ts
    from ends
),

-- of the trades of a second at one price only the first and the last matter
trades as (
    select
        contract_trades.window_start_ts,
        contract_trades.price_int,
        contract_trades.price_int // contract_day.tick_int as trade_tick,
        min(contract_trades.trade_no) as first_no,
        arg_min(contract_trades.ts_event, contract_trades.trade_no) as first_ts,
        max(contract_trades.trade_no) as last_no
    from {{ ref('contract_trades') }} as contract_trades
    cross join contract_day
    where
        {{ in_partition('contract_trades.symbol', 'contract_trades.dt') }}
        and contract_trades.price_int is not null
    group by contract_trades.window_start_ts, contract_trades.price_int, contract_day.tick_int
),

-- x: ticks past the level in the direction of the event
path_trades as (
    select
        paths.event_id,
        paths.horizon_min,
        trades.*,
        cast(paths.direction_sign * (trades.trade_tick - paths.level_tick) as integer) as x_ticks
    from paths
    inner join trades
        on
            paths.event_ts <= trades.window_start_ts
            and paths.end_ts > trades.window_start_ts
),

hits as (
    select
        event_id,
        horizon_min,
        max(x_ticks) as high_ticks,
        min(x_ticks) as low_ticks,
        arg_max(price_int, last_no) as last_price_int,
        {% for number, ticks in thresholds.items() %}
            min(first_no) filter (x_ticks >= {{ ticks }}) as break_{{ number }}_no,
            min(first_no) filter (x_ticks <= -{{ ticks }}) as bounce_{{ number }}_no,
            arg_min(first_ts, first_no) filter (x_ticks >= {{ ticks }}) as break_{{ number }}_ts,
            arg_min(first_ts, first_no) filter (x_ticks <= -{{ ticks }})
                as bounce_{{ number }}_ts,
        {% endfor %}
        arg_min(first_ts, first_no) filter (abs(x_ticks) >= {{ barrier }}) as confirm_ts,
        arg_min(window_start_ts, first_no) filter (abs(x_ticks) >= {{ barrier }})
            as confirm_start_ts
    from path_trades
    group by event_id, horizon_min
),

excursions as (
    select
        paths.*,
        hits.last_price_int,
        hits.confirm_ts,
        hits.confirm_start_ts,
        {% for number in thresholds %}
            hits.break_{{ number }}_ts,
            hits.bounce_{{ number }}_ts,
            hits.break_{{ number }}_no is not null or hits.bounce_{{ number }}_no is not null
                as is_reached_{{ number }},
        {% endfor %}
        case
            when hits.break_2_no < coalesce(hits.bounce_2_no, hits.break_2_no + 1) then 'BREAK'
            when hits.bounce_2_no is not null then 'REJECT'
            when paths.is_cut then 'CENSORED'
            else 'CHOP'
        end as outcome,
        greatest(coalesce(hits.high_ticks + paths.direction_sign * paths.k_ticks, 0), 0)
            as excursion_max_ticks,
        least(coalesce(hits.low_ticks + paths.direction_sign * paths.k_ticks, 0), 0)
            as excursion_min_ticks
    from paths
    left join hits
        on
            paths.event_id = hits.event_id
            and paths.horizon_min = hits.horizon_min
),

timed as (
    select
        *,
        {% for number in thresholds %}
            {% for name in ['break', 'bounce'] %}
                (epoch_ns({{ name }}_{{ number }}_ts) - epoch_ns(event_ts))
                / epoch_ns(interval 1 second) as time_to_{{ name }}_{{ number }},
            {% endfor %}
            case when is_reached_{{ number }} or not is_cut then is_reached_{{ number }} end
                as tradeable_{{ number }}{{ "," if not loop.last }}
        {% endfor %}
    from excursions
)

select
    timed.event_id,
    timed.symbol,
    timed.dt,
    timed.horizon_min,
    timed.outcome,
    timed.excursion_max_ticks,
    timed.excursion_min_ticks,
    timed.excursion_max_ticks + timed.excursion_min_ticks as strength_signed,
    abs(timed.excursion_max_ticks + timed.excursion_min_ticks) as strength_abs,
    {% for number in thresholds %}
        least(timed.time_to_break_{{ number }}, timed.time_to_bounce_{{ number }})
            as time_to_threshold_{{ number }},
    {% endfor %}
    {% for name in ['break', 'bounce'] %}
        {% for number in thresholds %}
            timed.time_to_{{ name }}_{{ number }},
        {% endfor %}
    {% endfor %}
    {% for number in thresholds %}
        timed.tradeable_{{ number }},
    {% endfor %}
    case
        when not timed.is_cut
            then coalesce({{ points('timed.last_price_int') }}, timed.entry_price)
    end as future_price,
    timed.confirm_ts,
    snapshot.spot_ref_price as anchor_spot,
    if(timed.is_cut, coalesce(timed.gap_known_ts, timed.path_end_ts), timed.horizon_end_ts)
        as label_end_ts
from timed
left join snapshot on timed.confirm_start_ts = snapshot.window_start_ts
order by timed.event_id, timed.horizon_min
