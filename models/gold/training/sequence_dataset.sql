-- noqa: disable=LT02,RF02
{{ partitioned_by(
    'mbo_trigger_vectors',
    inputs=[
        'book_snapshot_1s', 'level_offset_1s', 'level_labels', 'market_features_1s',
        'physics_bands_1s', 'level_corridor_1s', 'turn_states_1s', 'recording_gaps',
    ],
    optional=['gex_surface_1s'],
) }}

{% set row_s = var('vector_window_s') %}
{% set rows = var('sequence_rows') %}
{% set channels = sequence_channels() %}

with

-- a decision is the first of its phase in the course of an approach
decisions as (
    select
        symbol,
        dt,
        session_date,
        level_id,
        window_end_ts,
        level_price_int,
        k_ticks,
        approach_dir,
        decision_phase,
        candle_id,
        episode_id
    from {{ ref('mbo_trigger_vectors') }}
    where {{ in_partition() }} and episode_id is not null
    qualify row_number() over (
        partition by episode_id, decision_phase
        order by window_end_ts
    ) = 1
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

offsets as (
    select * from {{ ref('level_offset_1s') }}
    where {{ in_partition() }}
),

market as (
    select * from {{ ref('market_features_1s') }}
    where {{ in_partition() }}
),

bands as (
    select * from {{ ref('physics_bands_1s') }}
    where {{ in_partition() }}
),

corridor as (
    select * from {{ ref('level_corridor_1s') }}
    where {{ in_partition() }}
),

-- depth around spot, of every level the same
depths as (
    select
        window_end_ts,
        min(spot_depth_per_tick) as spot_depth_per_tick
    from corridor
    group by window_end_ts
),

turn_states as (
    select * from {{ ref('turn_conditions_1s') }}
    where {{ in_partition() }}
),

exposures as (
    select * from {{ ref('gex_surface_1s') }}
    where {{ in_partition() }}
),

gaps as (
    select * from {{ ref('recording_gaps') }}
    where {{ in_partition() }}
),

labels as (
    select * from {{ ref('level_labels') }}
    where {{ in_partition() }} and horizon_id = '{{ var("learned_horizon") }}'
),

barriers as (
    select * from {{ ref('level_decisions') }}
    where {{ in_partition() }}
),

-- rows of five seconds; the mid is that at their end
windows as (
    select
        time_bucket(
            interval {{ row_s }} second, window_start_ts, timestamp '1970-01-01'
        ) + interval {{ row_s }} second as window_end_ts,
        count(*) = {{ row_s }} and bool_and(window_valid) as window_valid,
        arg_max(mid_price_int, window_end_ts) as mid_price_int
    from snapshot
    group by all
),

moves as (
    select
        windows.window_end_ts,
        windows.window_valid,
        case
            when
                windows.window_valid
                and lag(windows.window_valid) over in_time
                and lag(windows.window_end_ts) over in_time
                = windows.window_end_ts - interval {{ row_s }} second
                then
                    (windows.mid_price_int - lag(windows.mid_price_int) over in_time)
                    / contract_day.tick_int
        end as mid_return_ticks
    from windows
    cross join contract_day
    window in_time as (order by windows.window_end_ts)
),

-- every decision's rows, the last of which ends at the decision
steps as (
    select
        level_id,
        decision_ts,
        decision_phase,
        approach_dir,
        level_price_int,
        row_no,
        decision_ts - to_seconds({{ row_s }} * ({{ rows }} - 1 - row_no)) as window_end_ts
    from (
        select
            level_id,
            window_end_ts as decision_ts,
            decision_phase,
            approach_dir,
            level_price_int,
            unnest(range({{ rows }})) as row_no
        from decisions
    )
),

-- rows in which nothing was recorded, as far as is known by the decision
unrecorded as (
    select distinct
        steps.level_id,
        steps.decision_ts,
        steps.row_no
    from steps
    inner join gaps
        on
            steps.decision_ts >= gaps.known_at_ts
            and steps.window_end_ts > gaps.gap_start_ts
            and steps.window_end_ts - interval {{ row_s }} second < gaps.gap_end_ts
),

wanted as (
    select distinct
        window_end_ts,
        level_price_int
    from steps
),

-- exposure at the strike of the grid nearest to the level, of two as near the lower
strikes as (
    select
        wanted.window_end_ts,
        wanted.level_price_int,
        min_by(
            struct_pack(ratio := exposures.gex_imbalance_ratio),
            struct_pack(
                distance := abs(exposures.strike_price_int - wanted.level_price_int),
                strike_price_int := exposures.strike_price_int
            )
        ).ratio as gex_imbalance_ratio
    from wanted
    inner join exposures on wanted.window_end_ts = exposures.window_end_ts
    group by all
),

described as (
    select
        steps.level_id,
        steps.decision_ts,
        steps.row_no,
        coalesce(moves.window_valid, false)
        and offsets.k_ticks is not null
        and unrecorded.row_no is null as is_known,
        {% for name, formula in channels.items() %}
            cast({{ formula }} as float) as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from steps
    left join moves on steps.window_end_ts = moves.window_end_ts
    left join offsets
        on
            steps.window_end_ts = offsets.window_end_ts
            and steps.level_id = offsets.level_id
    left join market on steps.window_end_ts = market.window_end_ts
    left join bands on steps.window_end_ts = bands.window_end_ts
    left join depths on steps.window_end_ts = depths.window_end_ts
    -- past the level the corridor lies behind price, seen from the level
    left join corridor
        on
            steps.window_end_ts = corridor.window_end_ts
            and steps.level_id = corridor.level_id
            and sign(corridor.k_ticks) = if(steps.approach_dir = 'approach_up', 1, -1)
    left join turn_states
        on
            steps.window_end_ts = turn_states.window_end_ts
            and steps.level_id = turn_states.level_id
    left join strikes
        on
            steps.window_end_ts = strikes.window_end_ts
            and steps.level_price_int = strikes.level_price_int
    left join unrecorded
        on
            steps.level_id = unrecorded.level_id
            and steps.decision_ts = unrecorded.decision_ts
            and steps.row_no = unrecorded.row_no
),

sequences as (
    select
        level_id,
        decision_ts,
        list(is_known order by row_no) as is_known,
        {% for name in channels %}
            list(if(is_known, {{ name }}, null) order by row_no)
                as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from described
    group by all
)

select
    decisions.symbol,
    decisions.dt,
    decisions.session_date,
    decisions.level_id,
    decisions.window_end_ts,
    decisions.episode_id,
    decisions.approach_dir,
    decisions.decision_phase,
    decisions.k_ticks,
    offsets.k_vol,
    offsets.closing_speed_15s,
    offsets.sigma_1s_ticks,
    decisions.candle_id,
    sequences.is_known,
    {% for name in channels %}
        sequences.{{ name }},
    {% endfor %}
    labels.outcome_reached as outcome,
    labels.label_end_ts
from decisions
inner join sequences
    on
        decisions.window_end_ts = sequences.decision_ts
        and decisions.level_id = sequences.level_id
inner join barriers
    on
        decisions.window_end_ts = barriers.window_end_ts
        and decisions.level_id = barriers.level_id
left join labels
    on
        decisions.window_end_ts = labels.window_end_ts
        and decisions.level_id = labels.level_id
        and barriers.barrier_mode = labels.barrier_kind
left join offsets
    on
        decisions.window_end_ts = offsets.window_end_ts
        and decisions.level_id = offsets.level_id
order by decisions.window_end_ts, decisions.level_id
