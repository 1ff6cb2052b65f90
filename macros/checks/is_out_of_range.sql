{# Predicate: the column has a value outside the bounds. #}
{% macro is_out_of_range(column, min_value=none, max_value=none, inclusive=true) -%}
    {%- if min_value is none and max_value is none -%}
        {{ exceptions.raise_compiler_error('the range of ' ~ column ~ ' needs a bound') }}
    {%- endif -%}
    {%- set equal = '=' if inclusive else '' -%}
    {%- set outside = [] -%}
    {%- if min_value is not none -%}
        {%- do outside.append('not "' ~ column ~ '" >' ~ equal ~ ' ' ~ min_value) -%}
    {%- endif -%}
    {%- if max_value is not none -%}
        {%- do outside.append('not "' ~ column ~ '" <' ~ equal ~ ' ' ~ max_value) -%}
    {%- endif -%}
    {{ return(outside | join(' or ')) }}
{%- endmacro %}
