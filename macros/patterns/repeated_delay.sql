{#
    The delay of re-quotes that the recent windows repeat best: a struct of `spread` and `delay`.
    Where the values of requote_median_ms of as many windows as must repeat it lie closest together,
    delay is their middle value, ms, and spread the distance from the smallest to the largest, as a
    multiple of the distance allowed: var algorithms.requote_spread_ms, and no more than
    requote_spread_share of the delay, because many re-quotes of a busy crowd are short. NULL with
    too few windows of enough re-quotes. `recent` is a window defined by `recent_fingerprints`.
#}
{% macro repeated_delay(recent='recent') -%}
    {%- set rule = var('algorithms') -%}
    {%- set waits -%}
        list_sort(
            list(requote_median_ms) filter (requote_pair_count >= {{ rule['requote_pairs'] }})
            over {{ recent }}
        )
    {%- endset -%}
    {%- set delay = 'waits[first + (others + 1) // 2]' -%}
    list_transform(
        [{{ waits }}],
        waits -> if(
            len(waits) >= {{ rule['min_windows'] }},
            list_transform(
                [cast(floor(len(waits) * {{ rule['requote_share'] }}) as bigint)],
                others -> list_min(
                    list_transform(
                        range(1, len(waits) - others + 1),
                        first -> struct_pack(
                            spread := coalesce(
                                (waits[first + others] - waits[first]) / nullif(
                                    least(
                                        {{ rule['requote_spread_ms'] }},
                                        {{ rule['requote_spread_share'] }} * {{ delay }}
                                    ),
                                    0
                                ),
                                cast('infinity' as double)
                            ),
                            delay := {{ delay }}
                        )
                    )
                )
            )[1],
            null
        )
    )[1]
{%- endmacro %}
