-- depends_on: {{ ref('mbo_trigger_signals') }}
with

signal_versions as (
    select * from {{ partition_versions('mbo_trigger_signals') }}
)

select
    symbol,
    dt,
    {{ root_of('symbol') }} as root,
    input_fingerprint
from signal_versions
