{#
    A value on the scale of two quantiles, cut to [0, 1]: (x - q05) / (q95 - q05). 0.5 when the
    quantiles are equal; NULL when the value or a quantile is NULL.
#}
{% macro norm(value, q05, q95) -%}
    case
        when ({{ value }}) is null or ({{ q05 }}) is null or ({{ q95 }}) is null then null
        when ({{ q05 }}) = ({{ q95 }}) then 0.5
        else
            greatest(
                0.0,
                least(1.0, (({{ value }}) - ({{ q05 }})) / (({{ q95 }}) - ({{ q05 }})))
            )
    end
{%- endmacro %}
