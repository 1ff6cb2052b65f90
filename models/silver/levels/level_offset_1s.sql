-- noqa: disable=LT02
{{ partitioned_by('levels_1s') }}

with

levels as (
    select * from {{ ref('levels_1s') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

level_settings as (
    select * from {{ ref('level_settings') }}
    where {{ in_partition() }}
),

{{ level_offsets() }}
