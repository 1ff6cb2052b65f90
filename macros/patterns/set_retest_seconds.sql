{#
    Statement that runs before a partition of retest_events is built: the ends of its seconds with a
    retest, as a constant that the view of the ladder can be filtered by. Without it the model reads
    the same, of all seconds.
#}
{% macro set_retest_seconds() -%}
    set variable retest_seconds = (
        with

        {{ retest_steps() }}

        select coalesce(list(distinct retest_window_end_ts), []) as seconds
        from events
        where retest_window_end_ts is not null
    )
{%- endmacro %}
