{#
    Condition that a vector looks back into a recording gap that is known by then: the record that
    ends the gap comes before the end of the window. One that comes at the end belongs to the next
    window. The caller names rows of recording_gaps of one contract-day `gaps`.

    - window_end_ts: column of the end of the vector's last window.
    - lookback_s: seconds that the vector looks back over.
#}
{% macro looks_back_into_gap(window_end_ts, lookback_s) -%}
    {{ window_end_ts }} > gaps.known_at_ts
    and {{ window_end_ts }} - interval {{ lookback_s }} second < gaps.gap_end_ts
{%- endmacro %}
