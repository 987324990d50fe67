//! Helper jobs: last run, next run, errors, run now. Those with trouble first.

use super::{Content, Refused, Visit};
use crate::action::RunJob;
use crate::desk::Answer;
use crate::model::{JobRow, JobState, Time, Topic};
use crate::part::{Hidden, Nothing, Notice, Show, When, count, state};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub async fn show(visit: Visit) -> Answer<Content> {
    let mut jobs = visit.desk.jobs().await?;
    jobs.sort_by_key(|job| job.failing_since.is_none());
    let operate = visit.may_operate();
    let list = if jobs.is_empty() {
        view! { <Nothing title="No job has run yet."><p>"Jobs show here when a helper runs: "<code>"coffer serve"</code>" or "<code>"coffer helper"</code>"."</p></Nothing> }.into_any()
    } else {
        table(&jobs, operate, visit.frame.now)
    };
    let body = view! {
        <div class="head"><div><h1>"Jobs"</h1><p>"What Coffer does by itself. Each coin’s jobs have one runner at a time."</p></div></div>
        {Refused::of(&visit.query).map(|refused| refused.view())}
        {trouble(&jobs)}
        {list}
    };
    Ok(Content::new("Jobs", body).live(&[Topic::Jobs, Topic::Coins]))
}

fn name(job: &JobRow) -> String {
    if job.coin.is_empty() { job.name.clone() } else { format!("{} {}", job.name, job.coin) }
}

fn trouble(jobs: &[JobRow]) -> Option<AnyView> {
    let failing: Vec<_> = jobs.iter().filter_map(|job| job.failing_since.map(|since| (job, since))).collect();
    let line = |(job, since): &(&JobRow, Time)| {
        let error = job.last_error.clone().unwrap_or_else(|| "it failed".into());
        view! { <p><code>{name(job)}</code>{format!(": {error}, since ")}<When at=*since show=Show::Full/>"."</p> }
    };
    let lines = failing.iter().map(line).collect_view();
    let n = i64::try_from(failing.len()).unwrap_or(0);
    (n > 0).then(|| {
        let title = count(n, "job backs off", "jobs back off");
        view! { <Notice tone="wait" icon="wait" title=title>{lines}<p>"Coffer tries again by itself, later each time."</p></Notice> }.into_any()
    })
}

fn table(jobs: &[JobRow], operate: bool, now: Time) -> AnyView {
    let rows = jobs.iter().map(|job| job_row(job, operate, now)).collect_view();
    view! {
        <table class="rows">
            <caption class="only-read">"Helper jobs, those with trouble first"</caption>
            <thead><tr>
                <th scope="col">"Job"</th><th scope="col">"State"</th><th scope="col" class="n">"Last run"</th><th scope="col" class="n wide">"Took"</th>
                <th scope="col">"Result"</th><th scope="col" class="n">"Next run"</th><th scope="col" class="wide">"Runner"</th>
                {operate.then(|| view! { <th scope="col"><span class="only-read">"Act"</span></th> })}
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn job_row(job: &JobRow, operate: bool, now: Time) -> AnyView {
    let moment = |at: Time| view! { <When at=at show=Show::for_list(now, std::iter::once(at))/> };
    let result =
        job.last_error.clone().filter(|_| job.failing_since.is_some()).or_else(|| job.last_result.clone());
    let next = match (job.run_asked_at, job.next_run_at) {
        (Some(_), _) if job.state != JobState::Running => view! { "at once" }.into_any(),
        (_, Some(at)) => moment(at).into_any(),
        (_, None) => view! { <span class="soft">"on demand"</span> }.into_any(),
    };
    let run = operate.then(|| {
        view! {
            <td class="n at-tr"><form method="post" action=RunJob::url()><Hidden name="name" value=job.name.clone()/><Hidden name="coin" value=job.coin.clone()/>
                <button type="submit" class="small" disabled=job.state == JobState::Running>"Run now"<span class="only-read">{format!(" {}", name(job))}</span></button></form></td>
        }
    });
    view! {
        <tr data-key=name(job)>
            <th scope="row" class="at-tl fit"><strong>{job.name.clone()}</strong>" "<span class="soft">{job.coin.clone()}</span></th>
            <td class="at-bl fit" data-quiet>{state::of_job(job.state)}</td>
            <td class="n at-none">{job.last_started_at.map(moment)}</td>
            <td class="n at-none wide" data-quiet>{took(job)}</td>
            <td class="at-row">{result}</td>
            <td class="n at-br" data-name="next" data-quiet>{next}</td>
            <td class="at-none wide soft">{job.runner.clone()}</td>
            {run}
        </tr>
    }
    .into_any()
}

/// Nothing while it runs.
fn took(job: &JobRow) -> String {
    match (job.last_started_at, job.last_finished_at) {
        (Some(start), Some(end)) if end >= start => {
            let thousandths = (end.0 - start.0) / 1000;
            if thousandths < 1000 {
                format!("{thousandths} ms")
            } else {
                format!("{}.{} s", thousandths / 1000, thousandths / 100 % 10)
            }
        }
        _ => String::new(),
    }
}
