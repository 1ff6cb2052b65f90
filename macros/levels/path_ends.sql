{#
    Query of where the path of a label ends: before the first second whose invalid_flags say so or
    that is missing, and before a recording gap, because after one no trade is sure to be the first.
    The second that a gap begins in still counts; that there was a gap is known at its end. The
    caller names the relations `snapshot` and `recording_gaps` of one contract-day. One row per
    moment_ts: path_end_s, the first second that is not part of the path, and gap_known_s where a
    gap ends it.

    - relation, moment_ts: the moments at which paths begin.
#}
{% macro path_ends(relation, moment_ts) -%}
    select
        moments.moment_ts,
        -- the last second of the day has nothing after it; without a gap least leaves it out
        least(
            coalesce(of_seconds.path_end_s, moments.moment_s), of_gaps.earliest.path_end_s
        ) as path_end_s,
        case
            when of_gaps.earliest.path_end_s < coalesce(of_seconds.path_end_s, moments.moment_s)
                then of_gaps.earliest.known_s
        end as gap_known_s
    from (
        select distinct
            {{ moment_ts }} as moment_ts,
            cast(epoch({{ moment_ts }}) as bigint) as moment_s
        from {{ relation }}
    ) as moments
    left join (
        select
            second_s,
            min(end_s) over (order by second_s desc) as path_end_s
        from (
            select
                cast(epoch(window_start_ts) as bigint) as second_s,
                case
                    when invalid_flags & {{ var('path_invalid_flags') }} != 0 then second_s
                    when
                        coalesce(
                            lead(window_start_ts) over (order by window_start_ts)
                            != window_start_ts + interval 1 second,
                            true
                        )
                        then second_s + 1
                end as end_s
            from snapshot
        )
    ) as of_seconds on moments.moment_s = of_seconds.second_s
    left join (
        select
            {{ relation }}.{{ moment_ts }} as moment_ts,
            min(struct_pack(
                path_end_s := greatest(
                    cast(epoch({{ relation }}.{{ moment_ts }}) as bigint),
                    epoch_ns(recording_gaps.gap_start_ts) // 1000000000 + 1
                ),
                known_s := (epoch_ns(recording_gaps.known_at_ts) + 999999999) // 1000000000
            )) as earliest
        from {{ relation }}
        inner join recording_gaps
            on {{ relation }}.{{ moment_ts }} < recording_gaps.gap_end_ts
        group by {{ relation }}.{{ moment_ts }}
    ) as of_gaps on moments.moment_ts = of_gaps.moment_ts
{%- endmacro %}
