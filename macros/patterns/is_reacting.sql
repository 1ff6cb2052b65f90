{#
    Whether an algorithm cancels within 1, 5 or 20 ms after trades on its side: in more than var
    algorithms.react_share of the recent windows such cancels are above their null value. NULL where
    too few windows are known. `recent` is a window defined by `recent_fingerprints`.
#}
{% macro is_reacting(within_ms, recent='recent') -%}
    {%- set share = 'react_' ~ within_ms ~ 'ms' -%}
    {%- set known -%}
        count(*) filter ({{ share }} + {{ share }}_null_q95 is not null) over {{ recent }}
    {%- endset -%}
    case
        when {{ known }} >= {{ var('algorithms')['min_windows'] }}
            then
                count(*) filter ({{ share }} > {{ share }}_null_q95) over {{ recent }}
                > {{ var('algorithms')['react_share'] }} * {{ known }}
    end
{%- endmacro %}
