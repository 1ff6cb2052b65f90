{{ partitioned_by('spot_moments', inputs=['recording_gaps']) }}

{# by the codes that the kernel returns #}
{% set outcomes = ['CHOP', 'BREAK', 'REJECT', 'CENSORED'] %}
{% set label_end_ts -%}
    make_timestamp(
        if(named.is_cut = 1, coalesce(numbered.gap_known_s, named.label_end_s), named.label_end_s)
        * 1000000
    )
{%- endset %}

with

moments as (
    select
        -- every label has barriers of its own
        * exclude (barrier_ticks),
        cast(epoch(window_end_ts) as bigint) as moment_s,
        if(approach_dir = 'spot_up', 1, -1) as direction,
        row_number() over (order by window_end_ts) as moment_no
    from {{ ref('spot_moments') }}
    where
        {{ in_partition() }}
        and is_eligible
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
    {{ path_ends('moments', 'window_end_ts') }}
),

kinds as (
    select unnest(['fixed', 'vol']) as barrier_kind
),

known_horizons as (
    {{ label_horizons() }}
),

horizons as (
    select * from known_horizons
    where horizon_id in {{ sql_list(library_horizons()) }}
),

lengths as (
    select
        moments.*,
        horizons.horizon_id,
        {{ label_horizon_s('moments.window_end_ts') }} as horizon_s
    from moments
    cross join horizons
),

labels as (
    select
        lengths.*,
        kinds.barrier_kind,
        {{ barrier_ticks(
            'kinds.barrier_kind',
            'lengths.sigma_1s_ticks',
            'lengths.horizon_s',
            'lengths.barrier_min_ticks'
        ) }} as barrier_ticks
    from lengths
    cross join kinds
),

-- a label of volatility barriers needs volatility
numbered as (
    select
        labels.*,
        labels.moment_s + labels.horizon_s as horizon_end_s,
        path_ends.path_end_s,
        path_ends.gap_known_s,
        row_number() over (
            order by
                labels.moment_no, labels.horizon_s, labels.horizon_id, labels.barrier_kind
        ) as label_no
    from labels
    inner join path_ends on labels.window_end_ts = path_ends.moment_ts
    where labels.barrier_ticks is not null
),

{{ label_trades() }},

label_list as (
    select
        list(label_no order by label_no) as label_nos,
        list(
            struct_pack(
                decision_no := moment_no,
                start_s := moment_s,
                direction := cast(direction as bigint),
                level_tick := spot_tick,
                x0_ticks := cast(0 as bigint),
                barrier_ticks := cast(barrier_ticks as bigint),
                horizon_end_s := horizon_end_s,
                path_end_s := path_end_s,
                reach_ticks := cast(0 as bigint)
            )
            order by label_no
        ) as labels
    from numbered
),

hits as (
    select
        unnest(label_list.label_nos) as label_no,
        -- a column per field of the results
        unnest(  -- noqa: AL03
            first_hits(trade_list.trades, label_list.labels), recursive := true
        )
    from trade_list
    cross join label_list
),

named as (
    select
        *,
        {{ outcomes }}[outcome + 1] as outcome_name
    from hits
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    'spot' as level_id,
    numbered.window_end_ts,
    numbered.barrier_kind,
    numbered.horizon_id,
    numbered.approach_dir,
    numbered.spot_tick,
    numbered.barrier_ticks,
    numbered.horizon_s,
    named.outcome_name as outcome,
    make_timestamp_ns(named.hit_ns) as first_hit_ts,
    (named.hit_ns - numbered.moment_s * 1000000000) / 1e9 as time_to_hit_s,
    make_timestamp_ns(named.second_hit_ns) as second_hit_ts,
    named.second_hit_ns is not null as whipsaw_flag,
    cast(named.mfe_ticks as integer) as mfe_ticks,
    cast(named.mae_ticks as integer) as mae_ticks,
    if(named.hit_ns is null, null, cast(named.adverse_before_hit_ticks as integer))
        as adverse_before_hit_ticks,
    case
        when named.exit_outcome != {{ outcomes.index('CENSORED') }}
            then cast(named.exit_x_ticks as integer)
    end as exit_x_ticks,
    {{ label_end_ts }} as label_end_ts,
    {{ label_end_ts }} as available_from_ts
from numbered
inner join named on numbered.label_no = named.label_no
order by numbered.label_no
