{# A column where the contract of a lake table has it, else something that stands for it. #}
{% macro column_or(table, column, fallback) -%}
{%- set found = namespace(there=false) -%}
{%- if execute -%}
    {%- for node in graph.sources.values() if node.name == table and column in node.columns -%}
        {%- set found.there = true -%}
    {%- endfor -%}
{%- endif -%}
{{ column if found.there else fallback }}
{%- endmacro %}
