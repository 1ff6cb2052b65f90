{{ partitioned_by('level_offset_1s') }}

{% set window_s = var('vector_window_s') %}

with

levels as (
    select * from {{ ref('levels_1s') }}
    where
        {{ in_partition() }}
        and epoch(window_end_ts) % {{ window_s }} = 0
),

offsets as (
    select * from {{ ref('level_offset_1s') }}
    where
        {{ in_partition() }}
        and epoch(window_end_ts) % {{ window_s }} = 0
),

level_settings as (
    select * from {{ ref('level_settings') }}
    where {{ in_partition() }}
),

{{ approach_windows() }}
