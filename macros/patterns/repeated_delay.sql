{#
    The delay of re-quotes that most of the recent windows repeat: a struct of `spread` (ms between
    the smallest and the largest value of requote_median_ms among the windows that must repeat it,
    where these lie closest together) and `delay` (their middle value, ms). NULL with too few windows
    of enough re-quotes. `recent` is a window defined by `recent_fingerprints`.
#}
{% macro repeated_delay(recent='recent') -%}
    {%- set rule = var('algorithms') -%}
    {%- set waits -%}
        list_sort(
            list(requote_median_ms) filter (requote_pair_count >= {{ rule['requote_pairs'] }})
            over {{ recent }}
        )
    {%- endset -%}
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
                            spread := waits[first + others] - waits[first],
                            delay := waits[first + (others + 1) // 2]
                        )
                    )
                )
            )[1],
            null
        )
    )[1]
{%- endmacro %}
