{# True for books of which every stage was made from the present version of its inputs. #}
{% macro of_books_in_step(column) -%}
{{ column }} not in (
    select key from {{ source('lake', 'lake_builds') }} where per_book and not in_step
)
{%- endmacro %}
