{#
    Direction of price that a signal of the break score names, UP or DOWN: a BREAK goes on through
    the level, a REJECT turns back. NULL for other signals.
#}
{% macro implied_dir(signal, break_direction) -%}
    case {{ signal }}
        when 'BREAK' then {{ break_direction }}
        when 'REJECT' then if({{ break_direction }} = 'UP', 'DOWN', 'UP')
    end
{%- endmacro %}
