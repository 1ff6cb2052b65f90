-- depends_on: {{ ref('mbo_level_vacuum_5s') }}
-- depends_on: {{ ref('physics_bands_1s') }}
-- depends_on: {{ ref('level_decisions') }}
-- depends_on: {{ ref('recording_gaps') }}
-- depends_on: {{ ref('gex_summary_1s') }}
{# a contract-day without options has vectors too #}
{% set joins = {
    'physics_bands_1s': 'inner',
    'level_decisions': 'inner',
    'recording_gaps': 'inner',
    'gex_summary_1s': 'left',
} %}

with

mbo_level_vacuum_5s as (
    select * from {{ partition_versions('mbo_level_vacuum_5s') }}
),

{% for input in joins %}
    {{ input }} as (
        select * from {{ partition_versions(input) }}
    ){{ "," if not loop.last }}
{% endfor %}

select
    mbo_level_vacuum_5s.symbol,
    mbo_level_vacuum_5s.dt,
    md5(concat_ws(
        '|',
        mbo_level_vacuum_5s.input_fingerprint,
        {% for input in joins %}
            {{ input }}.input_fingerprint{{ "," if not loop.last }}
        {% endfor %}
    )) as input_fingerprint
from mbo_level_vacuum_5s
{% for input, join in joins.items() %}
    {{ join }} join {{ input }}
        on
            mbo_level_vacuum_5s.symbol = {{ input }}.symbol
            and mbo_level_vacuum_5s.dt = {{ input }}.dt
{% endfor %}
