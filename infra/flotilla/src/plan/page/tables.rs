//! The tables of the page.

use crate::surge::page::html::{Head, Row, table};
use flotilla_plan::Forecast;
use flotilla_plan::plan::{Day, Plan};
use flotilla_plan::tell::{deepest, first, number, oldest, span};

pub(super) fn agents(plan: &Plan) -> String {
    let row = |need: &flotilla_plan::size::Need| Row {
        name: need.agent.as_str().to_owned(),
        cells: vec![
            number(need.records),
            format!("{:.1}", need.concurrency),
            number(need.ready.iter().map(|ready| ready.count).fold(0.0, f64::max)),
            span(need.lead),
            need.why.clone(),
        ],
        marked: false,
    };
    let rows: Vec<Row> = plan.sized.needs.iter().map(row).collect();
    let heads = [
        Head::Figure("records a second"),
        Head::Figure("at once"),
        Head::Figure("kept ready"),
        Head::Figure("lead time"),
        Head::Words("its pollers"),
    ];
    table("What each agent needs at the peak, with headroom", "agent", &heads, &rows)
}

pub(super) fn quotas(plan: &Plan) -> String {
    let row = |quota: &flotilla_plan::plan::Quota| Row {
        name: quota.what.clone(),
        cells: vec![number(quota.has), number(quota.needs), quota.note.clone()],
        marked: quota.is_short,
    };
    let rows: Vec<Row> = plan.quotas.iter().map(row).collect();
    let heads = [Head::Figure("default"), Head::Figure("needed"), Head::Words("what to know")];
    table("What the account has to have; marked: ask AWS", "quota", &heads, &rows)
}

pub(super) fn days(plan: &Plan) -> String {
    let row = |name: &str, of: &dyn Fn(&Day) -> String| Row {
        name: name.to_owned(),
        cells: vec![of(&plan.planned), of(&plan.reactive)],
        marked: false,
    };
    let rows = [
        row("end to end, p50", &|day| span(day.outcome.end_to_end.p50)),
        row("end to end, p95", &|day| span(day.outcome.end_to_end.p95)),
        row("end to end, p99", &|day| span(day.outcome.end_to_end.p99)),
        row("deepest queue", &|day| number(deepest(day))),
        row("oldest message", &|day| span(oldest(day))),
        row("a million tasks", &|day| format!("${:.2}", day.bill.per_million)),
        row("binds first", &first),
    ];
    let heads = [Head::Words("planned"), Head::Words("reactive")];
    table("Both days, from the same seed", "", &heads, &rows)
}

pub(super) fn peaks(plan: &Plan, forecast: &Forecast) -> String {
    let clock = |at: f64| forecast.clock(at).map_or_else(|| span(at), |at| at.to_string());
    let rows: Vec<Row> = plan
        .sized
        .needs
        .iter()
        .flat_map(|need| need.ready.iter().map(move |ready| (need.agent, ready)))
        .map(|(agent, ready)| Row {
            name: agent.as_str().to_owned(),
            cells: vec![clock(ready.from), clock(ready.to), number(ready.count)],
            marked: false,
        })
        .collect();
    let heads = [Head::Words("from"), Head::Words("until"), Head::Figure("environments")];
    table(&format!("Kept ready by the clock, {}", forecast.timezone), "agent", &heads, &rows)
}

pub(super) fn bill(name: &str, day: &Day) -> String {
    let mut rows: Vec<Row> = day
        .bill
        .lines
        .iter()
        .map(|line| {
            let about = if line.is_second_hand { " (price second-hand)" } else { "" };
            let count =
                if line.count < 1000.0 { format!("{:.1}", line.count) } else { number(line.count) };
            Row {
                name: line.what.clone(),
                cells: vec![
                    format!("{count} {}{about}", line.unit),
                    format!("${:.2}", line.dollars),
                ],
                marked: false,
            }
        })
        .collect();
    rows.push(Row {
        name: "together".to_owned(),
        cells: vec![String::new(), format!("${:.2}", day.bill.dollars)],
        marked: true,
    });
    let heads = [Head::Words("how many"), Head::Figure("dollars")];
    table(
        &format!("The {name} day on AWS, list prices without the free tier"),
        "what",
        &heads,
        &rows,
    )
}
