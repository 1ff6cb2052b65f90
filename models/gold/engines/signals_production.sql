-- noqa: disable=LT02
{{ partitioned_by('level_events', storage='view') }}

with level_events as (
    select * from {{ ref('level_events') }}
)

select
    {% for column in columns_of_role('level_events', ['id', 'feature']) %}
        {{ column.name }},
    {% endfor %}
    {% for name in level_event_label_columns() %}
        {{ name }}{{ "," if not loop.last }}
    {% endfor %}
from level_events
where outcome in ('BREAK', 'REJECT', 'CHOP')
-- contracts of one root may have the same event
qualify row_number() over (partition by event_id order by symbol) = 1
