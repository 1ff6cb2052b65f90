{{ partitioned_by('level_offset_1s') }}

{# who builds no levels may have a narrow wall -#}
{% if execute and var('level_max_k_ticks') + zone_ticks() > var('wall_max_ticks') %}
    {{ exceptions.raise_compiler_error(
        "level_max_k_ticks and the zone of distance_buckets must lie within wall_max_ticks, "
        ~ var('wall_max_ticks') ~ "; together they reach "
        ~ (var('level_max_k_ticks') + zone_ticks())
    ) }}
{% endif %}

with

offsets as (
    select * from {{ ref('level_offset_1s') }}
    where
        {{ in_partition() }}
        and abs(k_ticks) <= {{ var('level_max_k_ticks') }}
),

levels as (
    select * from {{ ref('levels_1s') }}
    where {{ in_partition() }} and is_active
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
)

select
    offsets.symbol,
    offsets.dt,
    snapshot.window_start_ts,
    offsets.window_end_ts,
    offsets.level_id,
    levels.level_tick,
    levels.level_price_int,
    offsets.k_ticks,
    offsets.approach_dir,
    snapshot.window_valid
from offsets
inner join levels
    on
        offsets.window_end_ts = levels.window_end_ts
        and offsets.level_id = levels.level_id
inner join snapshot on offsets.window_end_ts = snapshot.window_end_ts
cross join contract_day
where {{ is_in_surface_window('snapshot.window_start_ts', 'contract_day.surface_windows') }}
order by offsets.level_id, offsets.window_end_ts
