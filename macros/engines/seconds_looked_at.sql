{#
    Query of the seconds that the windows of a level's price look at: every second in which it is a
    level, and as many before a run of such seconds as a window is long. The caller names the
    relation `levels`. One row per second and price, without rows whose keys are NULL.

    - keys: columns that tell prices apart;
    - window_s: length of the longest window.
#}
{% macro seconds_looked_at(keys, window_s) -%}
    select distinct
        {{ keys | join(', ') }},
        window_start_ts - to_seconds(unnest(range(seconds_back))) as window_start_ts
    from (
        select
            *,
            if(
                lag(window_start_ts) over seconds = window_start_ts - interval 1 second,
                1,
                {{ window_s }}
            ) as seconds_back
        from (select distinct {{ keys | join(', ') }}, window_start_ts from levels)
        where {{ keys | join(' is not null and ') }} is not null
        window seconds as (partition by {{ keys | join(', ') }} order by window_start_ts)
    )
{%- endmacro %}
