{#
    Whether price came to the level within the horizon, of a row of level_labels. NULL where the
    path is shorter than the horizon: only its early arrivals are known, and their share is biased.
#}
{% macro reached_within_horizon(labels) -%}
    case
        when
            {{ labels }}.outcome != 'CENSORED'
            and epoch_ns({{ labels }}.label_end_ts) // 1000000000
            >= epoch_ns({{ labels }}.window_end_ts) // 1000000000 + {{ labels }}.horizon_s
            then {{ labels }}.reached
    end
{%- endmacro %}
