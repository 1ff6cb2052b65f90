{# Columns of level_event_labels that level_events has for every horizon. #}
{% macro level_event_label_columns() -%}
    {{ return([
        'outcome',
        'excursion_max_ticks',
        'excursion_min_ticks',
        'strength_signed',
        'strength_abs',
        'time_to_threshold_1',
        'time_to_threshold_2',
        'time_to_break_1',
        'time_to_break_2',
        'time_to_bounce_1',
        'time_to_bounce_2',
        'tradeable_1',
        'tradeable_2',
        'future_price',
    ]) }}
{%- endmacro %}
