-- noqa: disable=LT02
{{ partitioned_by(
    'level_event_moments',
    inputs=[
        'level_event_order_flow', 'level_event_kinematics', 'level_event_surroundings',
        'level_event_approach', 'level_event_labels',
    ],
    storage='table',
) }}

{# lengths as the names of columns have them #}
{% set depth_minutes = ['1', '3', '5'] %}
{% set kinematic_minutes = ['1', '3', '5', '10', '20'] %}
{% set flow_seconds = ['30', '60', '120', '300'] %}
{% set strikes = ['1', '2', '3'] %}
{% set stacking_ticks = ['8', '20', '40'] %}
{% set zone_ticks = engine_const('barrier_zone_ticks') %}
{% set level_names = [
    'pm_high', 'pm_low', 'or_high', 'or_low', 'sma_400', 'sma_200', 'sma_90'
] %}
{% set horizon_minutes = ['2', '4', '8'] %}
{% set primary_minutes = '4' %}
{% set derivatives = ['velocity', 'acceleration', 'jerk', 'momentum_trend'] %}
{% set label_columns = level_event_label_columns() %}
{% set approach_columns = [
    'approach_velocity',
    'approach_bars',
    'approach_distance_ticks',
    'approach_distance_vol',
    'prior_touches',
    'minutes_since_open',
    'bars_since_open',
    'attempt_index',
    'attempt_cluster_id',
    'barrier_replenishment_trend',
    'barrier_delta_liq_trend',
    'tape_velocity_trend',
    'tape_imbalance_trend',
] %}

with

moments as (
    select * from {{ ref('level_event_moments') }}
    where {{ in_partition() }}
),

level_definitions as (
    select * from {{ ref('level_definitions') }}
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

order_flows as (
    select * from {{ ref('level_event_order_flow') }}
    where {{ in_partition() }}
),

kinematics as (
    select * from {{ ref('level_event_kinematics') }}
    where {{ in_partition() }}
),

surroundings as (
    select * from {{ ref('level_event_surroundings') }}
    where {{ in_partition() }}
),

approaches as (
    select * from {{ ref('level_event_approach') }}
    where {{ in_partition() }}
),

labels as (
    select * from {{ ref('level_event_labels') }}
    where {{ in_partition() }}
),

paths as (
    select
        event_id,
        {% for name in derivatives %}
            {% set outer_loop = loop %}
            {% for minutes in kinematic_minutes %}
                max({{ name }}) filter (window_min = {{ minutes }})
                    as {{ name }}_{{ minutes }}min{{ "," if not (outer_loop.last and loop.last) }}
            {% endfor %}
        {% endfor %}
    from kinematics
    group by event_id
),

futures as (
    select
        event_id,
        {% for minutes in horizon_minutes %}
            {% for name in label_columns %}
                any_value({{ name }}) filter (horizon_min = {{ minutes }})
                    as {{ name }}_{{ minutes }}min,
            {% endfor %}
        {% endfor %}
        any_value(confirm_ts) filter (horizon_min = {{ primary_minutes }}) as confirm_ts,
        any_value(anchor_spot) filter (horizon_min = {{ primary_minutes }}) as anchor_spot
    from labels
    group by event_id
)

select
    -- identity
    moments.event_id,
    moments.symbol,
    moments.dt,
    moments.session_date,
    moments.event_ts,
    moments.level_id,
    cast(
        case moments.level_id
            {% for level in level_names %}
                when '{{ level }}' then {{ engine_const('level_kind_' ~ level) }}
            {% endfor %}
            else {{ engine_const('level_kind_others') }} + least(level_definitions.priority, 100)
        end as tinyint
    ) as level_kind,
    moments.level_price,
    moments.level_price_int,
    moments.direction,
    moments.entry_price,
    cast({{ zone_ticks + 1 + zone_ticks }} as integer) as zone_width_ticks,
    moments.episode_id,
    -- barrier
    barriers.state as barrier_state,
    barriers.delta_liq as barrier_delta_liq,
    barriers.replenishment_ratio as barrier_replenishment_ratio,
    barriers.added as barrier_added,
    barriers.canceled as barrier_canceled,
    barriers.filled as barrier_filled,
    barriers.churn as barrier_churn,
    barriers.depth_in_zone as barrier_depth_current,
    barriers.wall_ratio,
    barriers.confidence as barrier_confidence,
    {% for minutes in depth_minutes %}
        barriers.depth_in_zone - order_flows.zone_depth_{{ minutes }}min_ago
            as barrier_depth_delta_{{ minutes }}min,
    {% endfor %}
    {% for minutes in depth_minutes %}
        100 * (barriers.depth_in_zone - order_flows.zone_depth_{{ minutes }}min_ago)
        / nullif(order_flows.zone_depth_{{ minutes }}min_ago, 0)
            as barrier_depth_pct_change_{{ minutes }}min,
    {% endfor %}
    sign(barriers.delta_liq) * ln(1 + abs(barriers.delta_liq)) as barrier_delta_liq_log,
    ln(1 + barriers.wall_ratio) as wall_ratio_log,
    barriers.delta_liq != 0 as barrier_delta_liq_nonzero,
    barriers.wall_ratio != 0 as wall_ratio_nonzero,
    -- tape
    tapes.imbalance as tape_imbalance,
    tapes.buy_vol as tape_buy_vol,
    tapes.sell_vol as tape_sell_vol,
    tapes.velocity_ticks_s as tape_velocity,
    tapes.sweep_detected,
    tapes.sweep_direction,
    tapes.sweep_notional,
    -- fuel
    fuels.effect as fuel_effect,
    fuels.net_dealer_gamma,
    surroundings.gamma_exposure,
    {% for name in ['gex_above', 'gex_below', 'call_gex_above', 'put_gex_below'] %}
        {% for n in strikes %}
            surroundings.{{ name }}_{{ n }}strike,
        {% endfor %}
    {% endfor %}
    (surroundings.gex_above_3strike - surroundings.gex_below_3strike)
    / (abs(surroundings.gex_above_3strike) + abs(surroundings.gex_below_3strike) + 1e-6)
        as gex_asymmetry,
    surroundings.call_gex_above_3strike / nullif(surroundings.put_gex_below_3strike, 0)
        as gex_ratio,
    surroundings.gex_above_2strike + surroundings.gex_below_2strike as net_gex_2strike,
    -- kinematics; a minute is too short for a trend
    {% for name in derivatives %}
        {% for minutes in kinematic_minutes if name != 'momentum_trend' or minutes != '1' %}
            paths.{{ name }}_{{ minutes }}min,
        {% endfor %}
    {% endfor %}
    -- order flow
    {% for name in ['ofi', 'ofi_near_level'] %}
        {% for seconds in flow_seconds %}
            order_flows.{{ name }}_{{ seconds }}s,
        {% endfor %}
    {% endfor %}
    order_flows.ofi_30s - 0.5 * order_flows.ofi_60s as ofi_acceleration,
    -- distances
    {% for unit in ['ticks', 'vol'] %}
        {% for level in level_names %}
            surroundings.dist_to_{{ level }}_{{ unit }},
        {% endfor %}
    {% endfor %}
    moments.k_ticks as dist_to_tested_level_ticks,
    {% for ticks in stacking_ticks %}
        surroundings.level_stacking_{{ ticks }}ticks,
    {% endfor %}
    -- proxies
    order_flows.force_mass_ratio,
    {{ engine_const('accel_beta') }} * order_flows.force_mass_ratio as predicted_accel,
    paths.acceleration_1min - {{ engine_const('accel_beta') }} * order_flows.force_mass_ratio
        as accel_residual,
    -- approach
    {% for name in approach_columns %}
        approaches.{{ name }},
    {% endfor %}
    -- score
    scores.score_raw as break_score_raw,
    scores.score_smooth as break_score_smooth,
    scores.signal,
    scores.confidence,
    -- labels
    {% for minutes in horizon_minutes %}
        {% for name in label_columns %}
            futures.{{ name }}_{{ minutes }}min,
        {% endfor %}
    {% endfor %}
    {% for name in label_columns %}
        futures.{{ name }}_{{ primary_minutes }}min as {{ name }},
    {% endfor %}
    futures.confirm_ts,
    futures.anchor_spot
from moments
inner join scores
    on
        moments.event_ts = scores.window_end_ts
        and moments.level_id = scores.level_id
inner join barriers
    on
        moments.event_ts = barriers.window_end_ts
        and moments.level_id = barriers.level_id
inner join tapes
    on
        moments.event_ts = tapes.window_end_ts
        and moments.level_id = tapes.level_id
inner join fuels
    on
        moments.event_ts = fuels.window_end_ts
        and moments.level_id = fuels.level_id
inner join order_flows on moments.event_id = order_flows.event_id
inner join surroundings on moments.event_id = surroundings.event_id
inner join approaches on moments.event_id = approaches.event_id
inner join futures on moments.event_id = futures.event_id
inner join level_definitions on moments.level_id = level_definitions.level_id
left join paths on moments.event_id = paths.event_id
order by moments.event_ts, moments.level_id, moments.direction
