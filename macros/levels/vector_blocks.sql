{# Names of the blocks of a trigger vector in order: the last row, then means and changes. #}
{% macro vector_blocks() -%}
    {%- set blocks = ['w0'] -%}
    {%- for windows in var('vector_block_windows') -%}
        {%- do blocks.extend(['w' ~ windows ~ '_mean', 'w' ~ windows ~ '_delta']) -%}
    {%- endfor -%}
    {{ return(blocks) }}
{%- endmacro %}
