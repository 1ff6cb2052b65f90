{{ partitioned_by('walls_1s', inputs=['recording_gaps']) }}

{% set bands = ['ratio_from', 'age_from_s', 'distance_from_ticks'] %}
{% set reach_int = var('reach_ticks') ~ ' * contract_day.tick_int' %}
{% set turn_int = var('wall_turn_ticks') ~ ' * contract_day.tick_int' %}

with

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

walls as (
    select * from {{ ref('walls_1s') }}
    where {{ in_partition() }}
),

wall_surface as (
    select * from {{ ref('wall_surface_1s') }}
    where {{ in_partition() }}
),

contract_trades as (
    select * from {{ ref('contract_trades') }}
    where {{ in_partition() }} and price_int is not null
),

-- the last row of each moment so far
fates_before as (
    {{ own_rows({
        'moment_ts': 'timestamp',
        'side': 'varchar',
        'price_int': 'bigint',
        'started_ts': 'timestamp',
        'age_s': 'integer',
        'distance_ticks': 'integer',
        'depth_qty': 'bigint',
        'wall_ratio': 'double',
        'ratio_from': 'double',
        'age_from_s': 'integer',
        'distance_from_ticks': 'integer',
        'reached_ts': 'timestamp',
        'filled_qty': 'bigint',
        'pulled_qty': 'bigint',
        'outcome': 'varchar',
    }) }}
),

-- each wall counts once in each combination of bands
moments as (
    select
        walls.window_end_ts as moment_ts,
        walls.side,
        walls.price_int,
        walls.started_ts,
        walls.age_s,
        walls.distance_ticks,
        walls.depth_qty,
        walls.wall_ratio,
        {% for band in bands %}
            walls.{{ band }},
        {% endfor %}
        cast(null as timestamp) as reached_ts,
        cast(null as bigint) as filled_qty,
        cast(null as bigint) as pulled_qty
    from walls
    anti join fates_before
        on
            walls.side = fates_before.side
            and walls.price_int = fates_before.price_int
            and walls.started_ts = fates_before.started_ts
            {% for band in bands %}
                and walls.{{ band }} = fates_before.{{ band }}
            {% endfor %}
    where
        walls.distance_ticks > {{ var('reach_ticks') }}
        {% for band in bands %}
            and walls.{{ band }} is not null
        {% endfor %}
    qualify row_number() over (
        partition by walls.side, walls.price_int, walls.started_ts
        {%- for band in bands %}, walls.{{ band }}{% endfor %}
        order by walls.window_end_ts
    ) = 1
),

followed as (
    select * from moments
    union all
    select * exclude (outcome) from fates_before
    where outcome is null
),

-- the last end of the gaps that become known in a second
gaps_known as (
    select
        make_timestamp(epoch_ns(known_at_ts) // 1000000000 * 1000000) as window_start_ts,
        max(gap_end_ts) as gap_end_ts
    from recording_gaps
    group by all
),

traded as (
    select
        window_start_ts,
        min(price_int) as low_price_int,
        max(price_int) as high_price_int
    from contract_trades
    group by window_start_ts
),

seconds as (
    select
        snapshot.window_start_ts,
        snapshot.window_end_ts,
        snapshot.spot_ref_price_int,
        snapshot.window_valid
        and {{ is_in_surface_window('snapshot.window_start_ts', 'contract_day.surface_windows') }}
            as is_known,
        gaps_known.gap_end_ts,
        traded.low_price_int,
        traded.high_price_int
    from snapshot
    cross join contract_day
    left join gaps_known on snapshot.window_start_ts = gaps_known.window_start_ts
    left join traded on snapshot.window_start_ts = traded.window_start_ts
),

unknown as (
    select window_start_ts from seconds
    where not is_known
),

-- a price that loses all its depth has a row in that second
losses as (
    select
        followed.moment_ts,
        followed.side,
        followed.price_int,
        min(wall_surface.window_start_ts) as gone_ts
    from followed
    inner join wall_surface
        on
            followed.side = wall_surface.side
            and followed.price_int = wall_surface.price_int
            and followed.moment_ts <= wall_surface.window_start_ts
    where wall_surface.depth_qty_end < {{ var('wall_gone_share') }} * followed.depth_qty
    group by all
),

-- seconds after each moment, up to the first that ends the path or in which the wall is gone
paths as (
    select
        followed.moment_ts,
        followed.side,
        followed.price_int,
        followed.reached_ts as reached_before_ts,
        seconds.window_start_ts,
        seconds.window_end_ts,
        not seconds.is_known
        or coalesce(seconds.gap_end_ts > followed.moment_ts, false)
        -- too far away for the surface to show the wall
        or coalesce(
            abs(seconds.spot_ref_price_int - followed.price_int)
            > {{ var('wall_max_ticks') }} * contract_day.tick_int,
            true
        ) as is_unseen,
        coalesce(seconds.window_start_ts = losses.gone_ts, false) as is_gone,
        if(
            followed.side = 'A',
            followed.price_int - seconds.high_price_int,
            seconds.low_price_int - followed.price_int
        ) <= {{ reach_int }} as is_near,
        if(
            followed.side = 'A',
            followed.price_int - seconds.low_price_int,
            seconds.high_price_int - followed.price_int
        ) >= {{ turn_int }} as is_away
    from followed
    cross join contract_day
    asof left join unknown on followed.moment_ts <= unknown.window_start_ts
    left join losses
        on
            followed.moment_ts = losses.moment_ts
            and followed.side = losses.side
            and followed.price_int = losses.price_int
    inner join seconds
        on
            followed.moment_ts <= seconds.window_start_ts
            and coalesce(
                least(unknown.window_start_ts, losses.gone_ts), timestamp 'infinity'
            ) >= seconds.window_start_ts
),

reached as (
    select
        *,
        coalesce(
            reached_before_ts,
            min(window_start_ts) filter (is_near and not is_unseen) over (
                partition by moment_ts, side, price_int
                order by window_start_ts
            )
        ) as reached_ts
    from paths
),

ends as (
    select
        *,
        coalesce(is_unseen or is_gone or (is_away and reached_ts < window_start_ts), false)
            as is_over
    from reached
),

-- seconds in which a wall is being taken, from the one in which price came, and the last one
changes as (
    select *
    from ends
    where is_over or reached_ts is not null
    qualify
        coalesce(
            window_start_ts
            <= min(window_start_ts) filter (is_over) over (partition by moment_ts, side, price_int),
            true
        )
),

-- a price without a row in a second has no flow
flows as (
    select
        changes.*,
        sum(coalesce(wall_surface.fill_qty, 0)) over so_far as filled_qty,
        sum(coalesce(wall_surface.pull_qty_total, 0)) over so_far as pulled_qty
    from changes
    left join wall_surface
        on
            changes.window_start_ts = wall_surface.window_start_ts
            and changes.side = wall_surface.side
            and changes.price_int = wall_surface.price_int
    window so_far as (
        partition by changes.moment_ts, changes.side, changes.price_int
        order by changes.window_start_ts
    )
),

taken as (
    select
        followed.* exclude (reached_ts, filled_qty, pulled_qty),
        flows.window_end_ts,
        flows.reached_ts,
        flows.is_unseen,
        flows.is_gone,
        flows.is_over,
        case
            when flows.reached_ts is not null
                then coalesce(followed.filled_qty, 0) + flows.filled_qty
        end as filled_qty,
        case
            when flows.reached_ts is not null
                then coalesce(followed.pulled_qty, 0) + flows.pulled_qty
        end as pulled_qty
    from followed
    inner join flows
        on
            followed.moment_ts = flows.moment_ts
            and followed.side = flows.side
            and followed.price_int = flows.price_int
),

fates as (
    select
        *,
        moment_ts as window_end_ts,
        null as outcome
    from moments
    union all by name
    select
        * exclude (is_unseen, is_gone, is_over),
        case
            when not is_over then null
            when is_unseen then 'censored'
            when not is_gone then 'held'
            when reached_ts is null then 'pulled'
            when filled_qty >= pulled_qty then 'eaten'
            else 'pulled_late'
        end as outcome
    from taken
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    window_end_ts,
    moment_ts,
    side,
    price_int,
    started_ts,
    age_s,
    distance_ticks,
    depth_qty,
    wall_ratio,
    ratio_from,
    age_from_s,
    distance_from_ticks,
    reached_ts,
    cast(filled_qty as bigint) as filled_qty,
    cast(pulled_qty as bigint) as pulled_qty,
    cast(outcome as varchar) as outcome
from fates
order by window_end_ts, side, price_int, moment_ts
