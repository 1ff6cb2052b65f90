{#
    Whether a fingerprint is regular, more than a busy market is: in this window (`now`) and in the
    one before of the same side (`before`), names of relations with the columns of
    order_fingerprints_5s. `name` is `periodicity` or a share with a null value. NULL when it is not
    known in one of the two, also where the other one shows nothing: a window that could only be
    counted as not regular must not be counted.
#}
{% macro is_regular(name, now='now', before='before') -%}
    {%- if name == 'periodicity' -%}
        case
            when {{ now }}.periodicity_p is not null and {{ before }}.periodicity_p is not null
                then
                    {{ now }}.periodicity_p <= {{ var('fingerprint_p_max') }}
                    and {{ before }}.periodicity_p <= {{ var('fingerprint_p_max') }}
                    and {{ now }}.periodicity_size = {{ before }}.periodicity_size
                    -- frequencies lie 1 / 60 Hz apart
                    and abs(1 / {{ now }}.periodicity_s - 1 / {{ before }}.periodicity_s) < 1.5 / 60
        end
    {%- else -%}
        {%- set support = {
            'top_size_share': 'add_count',
            'requote_share': 'add_count',
            'chase_share': 'requote_count',
            'withdraw_on_approach_share': 'approached_qty',
        }.get(name, 'cancel_count') -%}
        case
            when
                {{ now }}.{{ name }}_null_q95 is not null
                and {{ before }}.{{ name }}_null_q95 is not null
                then
                    {{ now }}.{{ name }} > {{ now }}.{{ name }}_null_q95
                    and {{ before }}.{{ name }} > {{ before }}.{{ name }}_null_q95
                    and {{ now }}.{{ support }} >= {{ var('fingerprint_min_count') }}
                    and {{ before }}.{{ support }} >= {{ var('fingerprint_min_count') }}
        end
    {%- endif -%}
{%- endmacro %}
