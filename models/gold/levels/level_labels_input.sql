-- depends_on: {{ ref('level_decisions') }}
-- depends_on: {{ ref('recording_gaps') }}
with

decisions as (
    select * from {{ partition_versions('level_decisions') }}
),

gaps as (
    select * from {{ partition_versions('recording_gaps') }}
)

select
    decisions.symbol,
    decisions.dt,
    md5(concat_ws('|', decisions.input_fingerprint, gaps.input_fingerprint)) as input_fingerprint
from decisions
inner join gaps
    on
        decisions.symbol = gaps.symbol
        and decisions.dt = gaps.dt
