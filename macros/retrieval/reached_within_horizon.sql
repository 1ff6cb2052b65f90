{#
    Whether price came to the level within the horizon, of a row of level_labels. NULL where the
    path does not last as long as the horizon: of such paths only those that came early are known,
    and their share says nothing of the others.
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
