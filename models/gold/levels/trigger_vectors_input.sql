-- depends_on: {{ ref('mbo_level_vacuum_5s') }}
-- depends_on: {{ ref('physics_bands_1s') }}
-- depends_on: {{ ref('level_decisions') }}
{% set inputs = ['mbo_level_vacuum_5s', 'physics_bands_1s', 'level_decisions'] %}

with

{% for input in inputs %}
    {{ input }} as (
        select * from {{ partition_versions(input) }}
    ){{ "," if not loop.last }}
{% endfor %}

select
    {{ inputs[0] }}.symbol,
    {{ inputs[0] }}.dt,
    md5(concat_ws(
        '|',
        {% for input in inputs %}
            {{ input }}.input_fingerprint{{ "," if not loop.last }}
        {% endfor %}
    )) as input_fingerprint
from {{ inputs[0] }}
{% for input in inputs[1:] %}
    inner join {{ input }}
        on
            {{ inputs[0] }}.symbol = {{ input }}.symbol
            and {{ inputs[0] }}.dt = {{ input }}.dt
{% endfor %}
