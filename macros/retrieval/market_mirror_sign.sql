{#
    Sign that the mirror image of a market feature carries: a balance of bids against asks, or of
    buyers against sellers, changes its sign.
#}
{% macro market_mirror_sign(name) -%}
    if(regexp_matches({{ name }}, '(^|_)(imbalance|ofi|signed|microprice|last)(_|$)'), -1, 1)
{%- endmacro %}
