-- The ladder has every rung around every anchor row, related columns are NULL together, and a state
-- needs its inputs. The test reads one minute of every hour: a ladder is long, and has the same
-- form in every second.
{{ config(meta={
    'partitions_of': ['level_ladder_1s', 'level_anchors_1s'],
    'partition_values': 'untested_minutes',
}) }}

with

expected as (
    select
        symbol,
        dt,
        level_id,
        count(*) * {{ 2 * var('ladder_rungs') + 1 }} as ladder_rows
    from {{ ref('level_anchors_1s') }}
    where
        {{ in_partition() }}
        and window_start_ts >= cast({{ partition_value('from_ts') }} as timestamp)
        and window_start_ts < cast({{ partition_value('to_ts') }} as timestamp)
    group by symbol, dt, level_id
),

ladder as (
    select
        symbol,
        dt,
        level_id,
        count(*) as ladder_rows,
        count(*) - count(distinct row(window_start_ts, point_offset)) as duplicates,
        bool_or(
            (bid_depth is not null and not window_valid)
            or (bid_depth is null) != (ask_depth is null)
            or (bid_add is not null and bid_depth is null)
            or (long_physics is null) != coalesce(
                bid_add + bid_pull + bid_fill + ask_add + ask_pull + ask_fill
                < {{ var('ladder_min_contracts') }},
                true
            )
            or coalesce(short_physics != -long_physics, false)
            {% for side in ['bid', 'ask'] %}
                or ({{ side }}_wall_ratio is null)
                != ({{ side }}_depth is null or {{ side }}_usual_depth is null)
                or ({{ side }}_net_flow_share is null) != coalesce(
                    {{ side }}_add + {{ side }}_pull + {{ side }}_fill
                    < {{ var('ladder_min_contracts') }},
                    true
                )
                or ({{ side }}_state is not null and (
                    {{ side }}_add is null or {{ side }}_wall_ratio is null
                ))
                or coalesce({{ side }}_state not in (
                    'wall_pulled', 'wall_eaten', 'wall_holds',
                    'thin', 'building', 'pulled', 'eaten', 'quiet'
                ), false)
            {% endfor %}
            or coalesce(wall_ratio not in (bid_wall_ratio, ask_wall_ratio), false)
        ) as is_wrong
    from {{ ref('level_ladder_1s') }}
    where
        {{ in_partition() }}
        and window_start_ts >= cast({{ partition_value('from_ts') }} as timestamp)
        and window_start_ts < cast({{ partition_value('to_ts') }} as timestamp)
    group by symbol, dt, level_id
)

select expected.*
from expected
left join ladder
    on
        expected.symbol = ladder.symbol
        and expected.dt = ladder.dt
        and expected.level_id = ladder.level_id
where
    ladder.ladder_rows is distinct from expected.ladder_rows
    or ladder.duplicates != 0
    or ladder.is_wrong
