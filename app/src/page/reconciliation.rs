//! One coin's hot wallet against its books: the arithmetic of the last comparison, what may explain a difference, and
//! the adjustment that mends it.

use super::adjustment::{self, Booking};
use super::{Content, Refused, Visit};
use crate::desk::Answer;
use crate::model::{Amount, ForeignSpendRow, ReconciliationRow};
use crate::part::{Amt, Id, Nothing, Notice, Show, When, grouped};
use leptos::prelude::*;

pub async fn show(visit: Visit) -> Answer<Content> {
    let coin = visit.query.path().split('/').nth(2).unwrap_or_default().to_owned();
    let found = visit.desk.reconciliation(&coin).await?;
    let spends = visit.desk.foreign_spends(&coin).await?;
    let title = format!("Reconciliation of {coin}");
    let body = match found {
        None => view! { <Nothing title="Not compared yet."><p>"The scan job compares when no broadcast is open or broken."</p></Nothing> }.into_any(),
        Some(row) => compared(&visit, &row, &spends).await?,
    };
    let body = view! {
        <div class="head"><div><h1>{title.clone()}</h1><p>"The backend’s total must equal the balances of all wallets, what is pending, and deposits that are not credited yet."</p></div></div>
        {Refused::of(&visit.query).map(|refused| refused.view())}
        {body}
    };
    Ok(Content::new(title, body).within("/", "Overview"))
}

async fn compared(visit: &Visit, row: &ReconciliationRow, spends: &[ForeignSpendRow]) -> Answer<AnyView> {
    let form = match row.settled().filter(|difference| !difference.is_zero() && spends.is_empty()) {
        None => None,
        Some(difference) => {
            let from = format!("/reconciliations/{}", row.coin);
            let booking = Booking {
                coin: row.coin,
                amount: Amount::new(row.coin, difference.units.saturating_abs()),
                credit: difference.units > 0,
                foreign_spend: None,
                from: &from,
            };
            let form = adjustment::section(visit, booking).await?;
            Some(view! {
                <section aria-labelledby="book"><div class="title"><h2 id="book">"Bring the books in line"</h2><p>"Only once you know where the difference comes from."</p></div>{form}</section>
            })
        }
    };
    Ok(view! { {notice(row)}<div class="measure">{sum(row)}</div>{foreign(spends)}{form} }.into_any())
}

fn notice(row: &ReconciliationRow) -> Option<AnyView> {
    let amount = Amount::new(row.coin, row.difference.units.saturating_abs());
    let way = if row.difference.units > 0 { "more" } else { "less" };
    match row.settled() {
        None => Some(view! { <Notice icon="wait" title="One reading so far"><p>"One alone may have met the world moving. The next one tells."</p></Notice> }.into_any()),
        Some(difference) if difference.is_zero() => None,
        Some(_) => {
            let title = format!("The hot wallet holds {amount} {} {way} than the books say", row.coin);
            let readings = format!("{} readings in a row found it. Nothing is mended by itself.", grouped(row.agreed));
            Some(view! { <Notice tone="risk" icon="risk" title=title><p>{readings}</p></Notice> }.into_any())
        }
    }
}

fn sum(row: &ReconciliationRow) -> AnyView {
    let (block, read_at) = (format!("Block {}, read ", grouped(row.height)), row.read_at);
    let line = |word: &'static str, of: Amount| view! { <tr><td class="at-tl">{word}</td><td class="n at-tr"><Amt of=of coin=true/></td></tr> };
    view! {
        <section aria-labelledby="sum">
            <div class="title"><h2 id="sum">"The sum"</h2><p>{block}<When at=read_at show=Show::Full/></p></div>
            <table class="sum"><tbody>
                {line("Backend’s total", row.backend_total)}
                {line("less balances of all wallets", negative(row.books_total))}
                {line("less pending sends", negative(row.pending))}
                {line("less deposits not credited yet", negative(row.uncredited))}
                {line("Difference", row.difference)}
            </tbody></table>
        </section>
    }
    .into_any()
}

fn negative(of: Amount) -> Amount {
    Amount::new(of.coin, of.units.saturating_neg())
}

fn foreign(spends: &[ForeignSpendRow]) -> Option<AnyView> {
    let rows = spends.iter().map(|spend| {
        let href = format!("/foreign-spends/{}", spend.id);
        view! {
            <tr class="risk">
                <td class="at-tl"><Id text=spend.txid.clone() href=href long=true/></td>
                <td class="n at-br"><When at=spend.seen_at show=Show::Full/></td>
                <td class="n at-tr"><Amt of=spend.amount coin=true/></td>
            </tr>
        }
    });
    (!spends.is_empty()).then(|| {
        view! {
            <section aria-labelledby="foreign">
                <div class="title"><h2 id="foreign">"Foreign spends, not booked"</h2><p>"Book these first: they explain a difference."</p></div>
                <table class="rows">
                    <thead><tr><th scope="col">"Txid"</th><th scope="col" class="n">"Seen"</th><th scope="col" class="n">"Left the hot wallet"</th></tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </section>
        }
        .into_any()
    })
}
