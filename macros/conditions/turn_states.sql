{#
    Query of the four conditions of a turn and their states.

    - anchors_1s, measures_1s, usual_sizes: the relations of the levels near spot, of the measures
      and of their usual sizes.
    - in_lots: whether var condition_min_contracts, which must move for a condition, is in lots of
      the product; the measures then have the column lot, and so has the result.
#}
{% macro turn_states(anchors_1s, measures_1s, usual_sizes, in_lots=false) -%}
{% set least = var('condition_min_contracts') ~ (' * lot' if in_lots else '') %}
{% set sides = {'asks': 'A', 'bids': 'B'} %}
{% set retreats = {'asks': 'asks_retreat', 'bids': 'bids_recede'} %}
{% set conditions = ['asks_retreat', 'asks_pulled', 'bids_recede', 'bids_pulled'] %}
{# what the columns are called of conditions in the same second, and of those within seconds #}
{% set bases = {'state': '', 'recent_state': 'recent_'} %}

with

level_anchors as (
    select * from {{ ref(anchors_1s) }}
    where {{ in_partition() }}
),

measures as (
    select * from {{ ref(measures_1s) }}
    where {{ in_partition() }}
),

calibration as (
    select * from {{ ref(usual_sizes) }}
    where {{ in_partition() }}
),

-- at the level, price still comes from the side it was on last
anchors as (
    select
        *,
        last_value(nullif(sign(k_ticks), 0) ignore nulls) over (
            partition by level_id
            order by window_end_ts
            rows between unbounded preceding and current row
        ) as level_side
    from level_anchors
    qualify abs(k_ticks) <= {{ zone_ticks() }}
),

-- states that held in the second before, which may go on
held_before as (
    {{ own_rows({
        'level_id': 'varchar',
        'condition_window_s': 'integer',
        'window_end_ts': 'timestamp',
        'held_s': 'integer',
    }) }}
),

modes as (
    select any_value(calibration_mode) as calibration_mode
    from calibration
),

scales as (
    select
        valid_from_ts,
        condition_window_s,
        side_role,
        distance_ticks,
        max(spread) filter (measure = 'retreat_ticks') as retreat_spread,
        max(spread) filter (measure = 'pull_share') as pull_spread
    from calibration
    group by valid_from_ts, condition_window_s, side_role, distance_ticks
),

of_sides as (
    select
        anchors.window_start_ts,
        anchors.window_end_ts,
        anchors.level_id,
        anchors.level_price_int,
        anchors.k_ticks,
        cast(anchors.level_side as integer) as level_side,
        anchors.approach_dir,
        measures.condition_window_s,
        {{ "measures.lot," if in_lots }}
        measures.side,
        measures.retreat_ticks,
        measures.retreat_qty,
        measures.pull_share,
        measures.pull_qty,
        {{ side_role('measures.side', 'anchors.level_side') }} as side_role,
        {{ condition_distance('anchors.k_ticks') }} as distance_ticks
    from anchors
    inner join measures
        on
            anchors.window_start_ts = measures.window_start_ts
            and anchors.level_tick = measures.level_tick
),

scaled as (
    select
        of_sides.*,
        of_sides.retreat_ticks / scales.retreat_spread as retreat_z,
        of_sides.pull_share / scales.pull_spread as pull_z
    from of_sides
    asof left join scales
        on
            of_sides.condition_window_s = scales.condition_window_s
            and of_sides.side_role = scales.side_role
            and of_sides.distance_ticks = scales.distance_ticks
            and of_sides.window_start_ts >= scales.valid_from_ts
),

rows_of_levels as (
    select
        window_start_ts,
        window_end_ts,
        level_id,
        level_price_int,
        k_ticks,
        level_side,
        approach_dir,
        condition_window_s,
        {{ "lot," if in_lots }}
        {% for side, letter in sides.items() %}
            {% set of_side = "filter (side = '" ~ letter ~ "')" %}
            max(retreat_ticks) {{ of_side }} as {{ retreats[side] }}_ticks,
            max(retreat_qty) {{ of_side }} as {{ retreats[side] }}_qty,
            max(retreat_z) {{ of_side }} as {{ retreats[side] }}_z,
            max(pull_share) {{ of_side }} as {{ side }}_pull_share,
            max(pull_qty) {{ of_side }} as {{ side }}_pull_qty,
            max(pull_z) {{ of_side }} as {{ side }}_pull_z{{ "," if not loop.last }}
        {% endfor %}
    from scaled
    group by all
),

met as (
    select
        *,
        {% for name in ['asks_retreat', 'asks_pull', 'bids_recede', 'bids_pull'] %}
            case
                when {{ name }}_z is not null
                    then {{ name }}_z >= {{ var('condition_z') }} and {{ name }}_qty >= {{ least }}
            end as c{{ loop.index }}{{ "," if not loop.last }}
        {% endfor %}
    from rows_of_levels
),

-- what was met counts on while the level has the same price, on the same side
recent as (
    select
        *,
        {% for number in range(1, 5) %}
            case
                when coalesce(c1, c2, c3, c4) is null then null
                when bool_or(c{{ number }}) over lookback then true
                when count(c{{ number }}) over lookback = {{ var('condition_recent_s') }} then false
            end as recent_c{{ number }}{{ "," if not loop.last }}
        {% endfor %}
    from met
    window lookback as (
        partition by level_id, level_side, level_price_int, condition_window_s
        order by window_end_ts
        range between interval {{ var('condition_recent_s') - 1 }} second preceding
        and current row
    )
),

withdrawals as (
    select
        *,
        {% for name, prefix in bases.items() %}
            {% set asks = prefix ~ 'c1 and ' ~ prefix ~ 'c2' %}
            {% set bids = prefix ~ 'c3 and ' ~ prefix ~ 'c4' %}
            case level_side when 1 then {{ asks }} when -1 then {{ bids }} end
                as {{ prefix }}ahead_withdraws,
            case level_side when 1 then {{ bids }} when -1 then {{ asks }} end
                as {{ prefix }}behind_withdraws{{ "," if not loop.last }}
        {% endfor %}
    from recent
),

states as (
    select
        *,
        {% for name, prefix in bases.items() %}
            {{ turn_state(prefix) }} as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from withdrawals
),

-- of a level that moves or changes sides the state is another one, even if it is called the same
changes as (
    select
        *,
        coalesce(
            state != lag(state) over seconds
            or lag(state) over seconds is null
            or level_side != lag(level_side) over seconds
            or level_price_int != lag(level_price_int) over seconds
            or lag(window_end_ts) over seconds != window_end_ts - interval 1 second,
            true
        ) as is_change
    from states
    window seconds as (
        partition by level_id, condition_window_s
        order by window_end_ts
    )
),

runs as (
    select
        changes.*,
        -- seconds follow one another in a run
        last_value(
            coalesce(
                changes.window_end_ts - to_seconds(held_before.held_s - 1),
                if(changes.is_change, changes.window_end_ts, null)
            ) ignore nulls
        ) over (
            partition by changes.level_id, changes.condition_window_s
            order by changes.window_end_ts
            rows between unbounded preceding and current row
        ) as run_begin_ts
    from changes
    left join held_before
        on
            changes.level_id = held_before.level_id
            and changes.condition_window_s = held_before.condition_window_s
            and changes.window_end_ts = held_before.window_end_ts
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    window_start_ts,
    window_end_ts,
    level_id,
    level_price_int,
    k_ticks,
    level_side,
    approach_dir,
    condition_window_s,
    {{ "lot," if in_lots }}
    {% for side in sides %}
        {{ retreats[side] }}_ticks,
        {{ retreats[side] }}_qty,
        {{ retreats[side] }}_z,
        {{ side }}_pull_share,
        {{ side }}_pull_qty,
        {{ side }}_pull_z,
    {% endfor %}
    c1,
    c2,
    c3,
    c4,
    ahead_withdraws,
    behind_withdraws,
    state,
    case
        when state is not null
            then list_filter(
                [
                    {% for condition in conditions %}
                        if(c{{ loop.index }} is false, '{{ condition }}', null)
                        {{- "," if not loop.last }}
                    {% endfor %}
                ],
                condition -> condition is not null
            )
    end as missing,
    case
        when state is not null
            then cast(date_diff('second', run_begin_ts, window_end_ts) + 1 as integer)
    end as held_s,
    recent_state,
    modes.calibration_mode
from runs
cross join modes
order by level_id, condition_window_s, window_end_ts
{%- endmacro %}
