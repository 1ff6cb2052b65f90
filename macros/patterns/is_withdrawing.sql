{#
    Whether an algorithm withdraws from price, within var fingerprints.withdraw_ms: the share of the
    depth that was withdrawn when price came nearer to it, over the recent windows, exceeds that of
    their null values by more than var algorithms.withdraw_excess. NULL where too few windows are
    known. `recent` is a window defined by `recent_fingerprints`.
#}
{% macro is_withdrawing(recent='recent') -%}
    {%- set known -%}
        filter (withdraw_on_approach_share + withdraw_on_approach_share_null_q95 is not null)
        over {{ recent }}
    {%- endset -%}
    {%- set by_chance = 'withdraw_on_approach_share_null_q95 * approached_qty' -%}
    case
        when count(*) {{ known }} >= {{ var('algorithms')['min_windows'] }}
            then
                sum(withdrawn_qty) {{ known }} - sum({{ by_chance }}) {{ known }}
                > {{ var('algorithms')['withdraw_excess'] }} * sum(approached_qty) {{ known }}
    end
{%- endmacro %}
