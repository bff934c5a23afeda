-- Builds whose inputs have been made anew since: nothing is wrong with them, they are out of date.
{{ config(severity='warn') }}
select asset, key, behind
from {{ source('lake', 'lake_builds') }}
where is_current and not in_step
