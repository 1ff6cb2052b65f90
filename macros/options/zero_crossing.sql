{#
    Price at which a list of values changes sign, by linear interpolation in the list of their
    prices (equally long, rising). Of several changes the nearest to `near`, of two equally near
    changes the lower. NULL when the sign does not change.
#}
{% macro zero_crossing(totals, prices, near) -%}
    list_sort(
        list_transform(
            list_filter(
                range(1, len({{ totals }})),
                i -> {{ totals }}[i] * {{ totals }}[i + 1] < 0
                or ({{ totals }}[i] = 0 and {{ totals }}[i + 1] != 0 and i > 1
                    and {{ totals }}[i - 1] * {{ totals }}[i + 1] < 0)
            ),
            i -> struct_pack(
                distance := abs(
                    {{ prices }}[i] + ({{ prices }}[i + 1] - {{ prices }}[i])
                    * {{ totals }}[i] / ({{ totals }}[i] - {{ totals }}[i + 1]) - {{ near }}
                ),
                price := {{ prices }}[i] + ({{ prices }}[i + 1] - {{ prices }}[i])
                * {{ totals }}[i] / ({{ totals }}[i] - {{ totals }}[i + 1])
            )
        )
    )[1].price
{%- endmacro %}
