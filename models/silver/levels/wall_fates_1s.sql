{{ partitioned_by('walls_1s', inputs=['recording_gaps']) }}

{% set moment = 'moment_ts, side, price_int' %}
{% set bands = 'ratio_from, age_from_s, distance_from_ticks' %}
{% set reach_int = var('reach_ticks') ~ ' * seconds.tick_int' %}
{% set turn_int = var('wall_turn_ticks') ~ ' * seconds.tick_int' %}

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

-- moments so far, each as its last row says
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

moments as (
    select * from fates_before
    union all by name
    select
        window_end_ts as moment_ts,
        side,
        price_int,
        started_ts,
        age_s,
        distance_ticks,
        depth_qty,
        wall_ratio,
        {{ bands }}
    from walls
    where
        distance_ticks > {{ var('reach_ticks') }}
        and ratio_from is not null
        and age_from_s is not null
        and distance_from_ticks is not null
),

-- each wall counts once in each combination of bands
firsts as (
    select distinct on (side, price_int, started_ts, {{ bands }}) *
    from moments
    order by moment_ts
),

followed as (
    select * exclude (outcome)
    from firsts
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
        contract_day.tick_int,
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
        followed.*,
        min(wall_surface.window_start_ts) as gone_ts
    from followed
    left join wall_surface
        on
            followed.side = wall_surface.side
            and followed.price_int = wall_surface.price_int
            and followed.moment_ts <= wall_surface.window_start_ts
            and wall_surface.depth_qty_end < {{ var('wall_gone_share') }} * followed.depth_qty
    group by all
),

-- seconds after each moment, up to the first that is not known or in which the wall is gone
paths as (
    select
        losses.*,
        seconds.window_start_ts,
        seconds.window_end_ts,
        not seconds.is_known
        or coalesce(seconds.gap_end_ts > losses.moment_ts, false)
        -- too far away for the surface to show the wall
        or coalesce(
            abs(seconds.spot_ref_price_int - losses.price_int)
            > {{ var('wall_max_ticks') }} * seconds.tick_int,
            true
        ) as is_unseen,
        if(
            losses.side = 'A',
            losses.price_int - seconds.high_price_int,
            seconds.low_price_int - losses.price_int
        ) <= {{ reach_int }} as is_near,
        if(
            losses.side = 'A',
            losses.price_int - seconds.low_price_int,
            seconds.high_price_int - losses.price_int
        ) >= {{ turn_int }} as is_away
    from losses
    asof left join unknown on losses.moment_ts <= unknown.window_start_ts
    inner join seconds
        on
            losses.moment_ts <= seconds.window_start_ts
            and coalesce(
                least(unknown.window_start_ts, losses.gone_ts), timestamp 'infinity'
            ) >= seconds.window_start_ts
),

-- the second in which price came to each wall
arrivals as (
    select
        {{ moment }},
        coalesce(
            any_value(reached_ts), min(window_start_ts) filter (is_near and not is_unseen)
        ) as came_ts
    from paths
    group by {{ moment }}
),

-- seconds from the one in which price came, and those that may end the path
judged as (
    select
        paths.*,
        arrivals.came_ts,
        case
            when paths.is_unseen then 'unseen'
            when paths.window_start_ts = paths.gone_ts then 'gone'
            when paths.is_away and paths.window_start_ts > arrivals.came_ts then 'turned'
        end as ended_by
    from paths
    inner join arrivals
        on
            paths.moment_ts = arrivals.moment_ts
            and paths.side = arrivals.side
            and paths.price_int = arrivals.price_int
    where arrivals.came_ts <= paths.window_start_ts or ended_by is not null
),

changes as (
    select
        judged.* exclude (reached_ts, filled_qty, pulled_qty),
        {% for name, flow in [('filled_qty', 'fill_qty'), ('pulled_qty', 'pull_qty_total')] %}
            -- a price without a row in a second has no flow
            coalesce(judged.{{ name }}, 0) + sum(coalesce(wall_surface.{{ flow }}, 0)) filter (
                judged.came_ts <= judged.window_start_ts
            ) over so_far as {{ name }},
        {% endfor %}
        case when judged.came_ts <= judged.window_start_ts then judged.came_ts end as reached_ts,
        count(judged.ended_by) over so_far as n_ends
    from judged
    left join wall_surface
        on
            judged.window_start_ts = wall_surface.window_start_ts
            and judged.side = wall_surface.side
            and judged.price_int = wall_surface.price_int
    window so_far as (
        partition by judged.moment_ts, judged.side, judged.price_int
        order by judged.window_start_ts
    )
),

fates as (
    select
        *,
        moment_ts as window_end_ts,
        null as outcome
    from followed
    union all by name
    select
        *,
        case
            when ended_by is null then null
            when ended_by = 'unseen' then 'censored'
            when ended_by = 'turned' then 'held'
            when reached_ts is null then 'pulled'
            when filled_qty >= pulled_qty then 'eaten'
            else 'pulled_late'
        end as outcome
    from changes
    -- no second before has ended it
    where n_ends = if(ended_by is null, 0, 1)
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
