{#
    For how many seconds before its own a mid has been an extreme: no mid of them lies beyond it,
    below (`<`) or above (`>`). It counts back to the first mid beyond, over the valid run of the
    second and at most key_move_before_s; NULL without a mid.

    `earlier_mids` is a list of the mids of so many seconds before, the nearest first, with a NULL
    for each invalid second; valid_run_s and mid_half_ticks are those of the second.
#}
{% macro extreme_for_s(earlier_mids, beyond) -%}
    case
        when mid_half_ticks is not null
            then cast(
                coalesce(
                    list_position(
                        list_transform(
                            {{ earlier_mids }}[:valid_run_s - 1],
                            mid -> mid {{ beyond }} mid_half_ticks
                        ),
                        true
                    ) - 1,
                    least(valid_run_s - 1, {{ var('key_move_before_s') }})
                ) as integer
            )
    end
{%- endmacro %}
