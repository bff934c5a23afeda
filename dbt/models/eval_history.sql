-- Every evaluation that is in the lake, not only the current one: this is where a trend is read.
with items as (
    select
        eval_id, suite, metric,
        count(distinct item_id) as items,
        count(*) filter (
            where score is null and status not in ('ok', 'ok_in_beam', 'not_passed')
        ) as answers_failed
    from {{ source('lake', 'eval_report__items') }}
    group by all
)

select
    concat_ws(':', scores.eval_id, scores.suite, scores.metric) as result_id,
    scores.eval_id,
    scores.suite,
    scores.metric,
    scores.unit,
    scores.better,
    scores.n,
    scores.base,
    scores.tuned,
    scores.diff,
    scores.low,
    scores.high,
    scores.clusters,
    scores.p,
    scores.p_holm,
    scores.mdd,
    scores.kept,
    scores.verdict,
    coalesce(items.items, 0) as items,
    coalesce(items.answers_failed, 0) as answers_failed,
    scores.adapter_id,
    adapters.base as base_model,
    adapters.dataset_id,
    adapters.rehearsal_id,
    adapters.steps,
    adapters.loss_last,
    builds.made_at,
    coalesce(builds.is_current, false) as is_current
from {{ source('lake', 'eval_report') }} as scores
left join items using (eval_id, suite, metric)
left join {{ source('lake', 'lora_adapter') }} as adapters using (adapter_id)
left join {{ source('lake', 'lake_builds') }} as builds
    on builds.asset = 'eval_report' and builds.key = scores.eval_id
order by builds.made_at, result_id
