{#
    Statement that runs before a partition of turn_calibration or turn_calibration_mbp is built: the
    dates of its first and last earlier session, as constants that the files of the sizes can be
    filtered by. Without them the model reads the same, of all days.
#}
{% macro set_calibration_dates() -%}
    {%- set sessions = model.name | replace('turn_calibration', 'turn_calibration_sessions') -%}
    set variable calibration_dates = (
        select [min(earlier.dt), max(earlier.dt)] as first_and_last_dt
        from (
            select unnest(sessions, recursive := true)
            from {{ ref(sessions) }}
            where {{ in_partition() }}
        ) as earlier
    )
{%- endmacro %}
