{{ partitioned_by('walls_1s', inputs=['recording_gaps']) }}

{% set bands = ['ratio_from', 'age_from_s', 'distance_from_ticks'] %}
{% set reach_int = var('reach_ticks') ~ ' * contract_day.tick_int' %}
{% set turn_int = var('wall_turn_ticks') ~ ' * contract_day.tick_int' %}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

-- seconds whose wall surface is known
snapshot as (
    select seconds.*
    from {{ ref('book_snapshot_1s') }} as seconds
    cross join contract_day
    where
        {{ in_partition('seconds.symbol', 'seconds.dt') }}
        and seconds.window_valid
        and {{ is_in_surface_window('seconds.window_start_ts', 'contract_day.surface_windows') }}
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

-- each wall counts once in each combination of bands
moments as (
    select
        *,
        row_number() over (order by window_end_ts, side, price_int) as moment_no
    from walls
    where
        distance_ticks > {{ var('reach_ticks') }}
        {% for band in bands %}
            and {{ band }} is not null
        {% endfor %}
    qualify row_number() over (
        partition by side, price_int, started_ts, {{ bands | join(', ') }}
        order by window_end_ts
    ) = 1
),

path_ends as (
    {{ path_ends('moments', 'window_end_ts') }}
),

traded as (
    select
        window_start_ts,
        min(price_int) as low_price_int,
        max(price_int) as high_price_int
    from contract_trades
    group by window_start_ts
),

-- seconds after each moment: how near trades came to the wall, negative past it
paths as (
    select
        moments.moment_no,
        cast(epoch(snapshot.window_start_ts) as bigint) as second_s,
        if(
            moments.side = 'A',
            moments.price_int - traded.high_price_int,
            traded.low_price_int - moments.price_int
        ) as nearest_int,
        if(
            moments.side = 'A',
            moments.price_int - traded.low_price_int,
            traded.high_price_int - moments.price_int
        ) as furthest_int,
        abs(snapshot.spot_ref_price_int - moments.price_int) as from_spot_int
    from moments
    inner join path_ends on moments.window_end_ts = path_ends.moment_ts
    inner join snapshot
        on
            moments.window_end_ts <= snapshot.window_start_ts
            and path_ends.path_end_s > epoch(snapshot.window_start_ts)
    left join traded on snapshot.window_start_ts = traded.window_start_ts
),

arrivals as (
    select
        paths.moment_no,
        min(paths.second_s) filter (paths.nearest_int <= {{ reach_int }}) as reached_s,
        -- too far away for the surface to show the wall
        min(paths.second_s) filter (
            paths.from_spot_int is null
            or paths.from_spot_int > {{ var('wall_max_ticks') }} * contract_day.tick_int
        ) as hidden_s
    from paths
    cross join contract_day
    group by paths.moment_no
),

turns as (
    select
        paths.moment_no,
        min(paths.second_s) as turned_s
    from paths
    inner join arrivals on paths.moment_no = arrivals.moment_no
    cross join contract_day
    where
        paths.second_s > arrivals.reached_s
        and paths.furthest_int >= {{ turn_int }}
    group by paths.moment_no
),

followed as (
    select
        moments.*,
        path_ends.gap_known_s,
        path_ends.path_end_s,
        least(path_ends.path_end_s, arrivals.hidden_s) as end_s,
        arrivals.reached_s,
        turns.turned_s
    from moments
    inner join path_ends on moments.window_end_ts = path_ends.moment_ts
    left join arrivals on moments.moment_no = arrivals.moment_no
    left join turns on moments.moment_no = turns.moment_no
),

-- a price that loses all its depth has a row in that second
losses as (
    select
        followed.moment_no,
        min(epoch(wall_surface.window_start_ts)) as gone_s
    from followed
    inner join wall_surface
        on
            followed.side = wall_surface.side
            and followed.price_int = wall_surface.price_int
            and followed.window_end_ts <= wall_surface.window_start_ts
    where
        epoch(wall_surface.window_start_ts) < followed.end_s
        and wall_surface.depth_qty_end < {{ var('wall_gone_share') }} * followed.depth_qty
    group by followed.moment_no
),

-- what took it, from the second in which price came
takers as (
    select
        followed.moment_no,
        sum(wall_surface.fill_qty) as filled_qty,
        sum(wall_surface.pull_qty_total) as pulled_qty
    from followed
    inner join losses on followed.moment_no = losses.moment_no
    inner join wall_surface
        on
            followed.side = wall_surface.side
            and followed.price_int = wall_surface.price_int
    where
        epoch(wall_surface.window_start_ts) between followed.reached_s and losses.gone_s
    group by followed.moment_no
),

seen as (
    select
        followed.*,
        losses.gone_s,
        takers.filled_qty,
        takers.pulled_qty,
        case when followed.reached_s < followed.end_s then followed.reached_s end as came_s,
        case when followed.turned_s < followed.end_s then followed.turned_s end as left_s
    from followed
    left join losses on followed.moment_no = losses.moment_no
    left join takers on followed.moment_no = takers.moment_no
),

judged as (
    select
        *,
        case
            when gone_s <= coalesce(left_s, gone_s)
                then
                    case
                        when gone_s < coalesce(came_s, gone_s + 1) then 'pulled'
                        when filled_qty >= pulled_qty then 'eaten'
                        else 'pulled_late'
                    end
            when left_s is not null then 'held'
            else 'censored'
        end as outcome
    from seen
)

select
    symbol,
    dt,
    window_end_ts,
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
    case when outcome != 'pulled' then make_timestamp(came_s * 1000000) end as reached_ts,
    outcome,
    make_timestamp(cast(
        case
            when outcome = 'held' then left_s + 1
            when outcome != 'censored' then gone_s + 1
            when end_s = path_end_s then coalesce(gap_known_s, end_s)
            else end_s + 1
        end as bigint
    ) * 1000000) as label_end_ts
from judged
order by moment_no
