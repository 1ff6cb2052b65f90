-- noqa: disable=LT02
{{ partitioned_by('break_score_1s', optional=['retrieval_answers']) }}

{% set window_s = var('vector_window_s') %}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

seconds as (
    select book.*
    from {{ ref('book_snapshot_1s') }} as book
    cross join contract_day
    where
        {{ in_partition('book.symbol', 'book.dt') }}
        and book.spot_ref_price_int is not null
        and {{ is_in_surface_window('book.window_start_ts', 'contract_day.surface_windows') }}
),

scores as (
    select * from {{ ref('break_score_1s') }}
    where {{ in_partition() }} and in_monitor_band
),

barriers as (
    select * from {{ ref('barrier_engine_1s') }}
    where {{ in_partition() }} and in_monitor_band
),

tapes as (
    select * from {{ ref('tape_engine_1s') }}
    where {{ in_partition() }} and in_monitor_band
),

fuels as (
    select * from {{ ref('fuel_engine_1s') }}
    where {{ in_partition() }} and in_monitor_band
),

level_definitions as (
    select * from {{ ref('level_definitions') }}
),

answers as (
    select * from {{ ref('retrieval_answers') }}
    where {{ in_partition() }} and horizon_id = '{{ var("signal_horizon") }}'
),

-- the answer to the level's last decision, while its window is the latest
answered as (
    select
        scores.*,
        if(
            answers.window_end_ts > scores.window_end_ts - interval {{ window_s }} second,
            struct_pack(
                {% for prefix in ['p', 'base'] %}
                    {% for outcome in ['break', 'reject', 'chop'] %}
                        {{ prefix }}_{{ outcome }} := answers.{{ prefix }}_{{ outcome }},
                    {% endfor %}
                {% endfor %}
                n_eff := answers.n_eff,
                neighbors_ok := answers.neighbors_ok
            ),
            null
        ) as answer
    from scores
    asof left join answers
        on
            scores.level_id = answers.level_id
            and scores.window_end_ts >= answers.window_end_ts
),

-- the keys of the payload in their order
levels as (
    select
        answered.window_end_ts,
        -- by distance, then priority
        [abs(answered.k_ticks), level_definitions.priority] as place,
        struct_pack(
            id := answered.level_id,
            price := {{ points('answered.level_price_int') }},
            kind := upper(answered.level_id),
            direction := answered.direction,
            distance := answered.k_ticks,
            break_score_raw := answered.score_raw,
            break_score_smooth := answered.score_smooth,
            signal := answered.signal,
            implied_dir := answered.implied_dir,
            signal_means := answered.signal_means,
            confidence := answered.confidence,
            barrier := struct_pack(
                {% for name in [
                    'state', 'delta_liq', 'replenishment_ratio', 'added', 'canceled', 'filled',
                    'churn', 'depth_in_zone',
                ] %}
                    {{ name }} := barriers.{{ name }},
                {% endfor %}
                defending_quote := struct_pack(
                    price := {{ points('barriers.defending_quote_price_int') }},
                    size := barriers.defending_quote_size
                )
            ),
            tape := struct_pack(
                imbalance := tapes.imbalance,
                buy_vol := tapes.buy_vol,
                sell_vol := tapes.sell_vol,
                velocity := tapes.velocity_ticks_s,
                sweep := struct_pack(
                    detected := tapes.sweep_detected,
                    direction := tapes.sweep_direction,
                    num_prints := tapes.sweep_num_prints,
                    window_ms := tapes.sweep_span_ms,
                    notional := tapes.sweep_notional
                )
            ),
            fuel := struct_pack(
                effect := fuels.effect,
                net_dealer_gamma := fuels.net_dealer_gamma,
                call_wall := {{ points('fuels.call_wall_price_int') }},
                put_wall := {{ points('fuels.put_wall_price_int') }},
                gamma_flip := fuels.gamma_flip_price,
                available := fuels.fuel_available
            ),
            runway := struct_pack(
                direction := answered.runway_direction,
                next_level_id := answered.runway_next_level_id,
                distance := answered.runway_ticks,
                quality := answered.runway_quality
            ),
            confluence := struct_pack(
                weight := answered.confluence_weight, levels := answered.confluence_levels
            ),
            retrieval := struct_pack(
                {% for name in [
                    'p_break', 'p_reject', 'p_chop', 'base_break', 'base_reject', 'base_chop',
                    'n_eff', 'neighbors_ok',
                ] %}
                    {{ name }} := struct_extract(
                        answered.answer, '{{ name }}'
                    ){{ "," if not loop.last }}
                {% endfor %}
            )
        ) as reading
    from answered
    inner join barriers
        on
            answered.window_end_ts = barriers.window_end_ts
            and answered.level_id = barriers.level_id
    inner join tapes
        on
            answered.window_end_ts = tapes.window_end_ts
            and answered.level_id = tapes.level_id
    inner join fuels
        on
            answered.window_end_ts = fuels.window_end_ts
            and answered.level_id = fuels.level_id
    inner join level_definitions on answered.level_id = level_definitions.level_id
),

-- sorted once it is a list: an ordered aggregate makes room for thousands of rows a second
near as (
    select
        window_end_ts,
        list_transform(
            list_sort(list(struct_pack(place := place, reading := reading))),
            level -> level.reading
        ) as levels
    from levels
    group by window_end_ts
)

select
    seconds.symbol,
    seconds.dt,
    seconds.window_start_ts,
    seconds.window_end_ts,
    to_json(struct_pack(
        ts := epoch_ms(seconds.window_end_ts),
        source := 'replay',
        symbol := seconds.symbol,
        es := struct_pack(
            spot := seconds.spot_ref_price,
            bid := seconds.best_bid_price,
            ask := seconds.best_ask_price
        ),
        levels := coalesce(near.levels, []),
        viewport := struct_pack(
            ts := epoch_ms(seconds.window_end_ts),
            targets := list_transform(coalesce(near.levels, []), level -> level.id)
        )
    )) as payload
from seconds
left join near on seconds.window_end_ts = near.window_end_ts
order by seconds.window_end_ts
