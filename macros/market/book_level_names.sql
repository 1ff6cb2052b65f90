{# Columns of the ten best levels of both sides, named as in the landed rows. #}
{% macro book_level_names() -%}
    {%- set names = [] -%}
    {%- for level in range(10) -%}
        {%- for part in ['px', 'sz', 'ct'] -%}
            {%- for side in ['bid', 'ask'] -%}
                {%- do names.append(
                    '%s_%s_%02d%s' | format(side, part, level, '_int' if part == 'px' else '')
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
