{#
    Name of the market feature that mirrors another, bids for asks and above for below. NULL for
    features of calls and puts, which have no image.
#}
{% macro market_mirror_name(name) -%}
    case
        when not regexp_matches({{ name }}, '(^|_)(call|put|skew)(_|$)')
            then array_to_string(
                list_transform(
                    string_split({{ name }}, '_'),
                    part -> case part
                        when 'bid' then 'ask'
                        when 'ask' then 'bid'
                        when 'bid10' then 'ask10'
                        when 'ask10' then 'bid10'
                        when 'above' then 'below'
                        when 'below' then 'above'
                        else part
                    end
                ),
                '_'
            )
    end
{%- endmacro %}
