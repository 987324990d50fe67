//! Sending from an account: the form, and with `review=1` either the form with its faults or everything once more.
//! Nothing is sent by a GET; the review's button posts.

use super::account::within;
use super::{Content, Query, Refused, Visit, link, review};
use crate::action::SendFrom;
use crate::desk::{Answer, AppError};
use crate::model::{AccountRow, FieldError, SendDraft, SendReview};
use crate::part::state::Mark;
use crate::part::{Amt, Field, Hidden, Key, NotAccepted, Plain, Quads, count, fault};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub async fn show(visit: Visit) -> Answer<Content> {
    visit.must_operate()?;
    let account = visit.desk.account(visit.id("account")?).await?;
    let draft = draft(&visit.query);
    if visit.query.get("review").is_empty() {
        return Ok(form(&account, &draft, &[], &visit.query));
    }
    let again = path_of(&account.id.to_string(), &draft, false);
    if let Some(carried_out) = review::carried_out(&visit, &account, "send", again).await? {
        return Ok(carried_out);
    }
    match visit.desk.review_send(account.id, &draft).await {
        Ok(review) => Ok(review::with_key(&visit, |key| review_page(review, &draft, key, &visit.query))),
        Err(AppError::Invalid(faults)) => Ok(form(&account, &draft, &faults, &visit.query)),
        Err(error) => Err(error),
    }
}

fn draft(query: &Query) -> SendDraft {
    SendDraft {
        to_address: query.get("to_address").into(),
        amount: query.get("amount").into(),
        label: query.get("label").into(),
        force_external: !query.get("force_external").is_empty(),
    }
}

/// The form or review again, with what was typed.
pub fn path_of(account: &str, draft: &SendDraft, review: bool) -> String {
    let pairs = [
        ("review", if review { "1" } else { "" }),
        ("to_address", draft.to_address.as_str()),
        ("amount", draft.amount.as_str()),
        ("label", draft.label.as_str()),
        ("force_external", if draft.force_external { "1" } else { "" }),
    ];
    link(&format!("/accounts/{account}/send"), pairs)
}

fn form(account: &AccountRow, draft: &SendDraft, faults: &[FieldError], query: &Query) -> Content {
    let coin = account.coin.to_string();
    let refused = Refused::of(query).filter(|_| faults.is_empty()).map(|refused| refused.view());
    let path = format!("/accounts/{}", account.id);
    let body = view! {
        <div class="head"><div><h1>{format!("Send from {}", account.name)}</h1><p>"The account holds "<Plain of=account.balance/>"."</p></div></div>
        <div class="measure">
            {refused}
            {(!faults.is_empty()).then(|| view! { <NotAccepted faults=faults.len()/> })}
            <form class="sheet" method="get" action=format!("{path}/send")>
                <Hidden name="review" value="1"/>
                <Field name="to_address" label="To address" value=draft.to_address.clone() error=fault(faults, "to_address")
                    hint=format!("A {coin} address. One of this wallet makes it a transfer: instant, without a fee.")/>
                <Field name="amount" label="Amount" value=draft.amount.clone() error=fault(faults, "amount") unit=coin.clone() amount=true/>
                <Field name="label" label="Label" value=draft.label.clone() error=fault(faults, "label") max_length=255
                    hint="For your own search; the network doesn’t see it."/>
                <div class="field"><label><input type="checkbox" name="force_external" value="1" checked=draft.force_external/>
                    "Send over the network even to an address of this wallet"</label></div>
                <div class="acts"><button type="submit" class="primary">"Review"</button><a class="button" href=path.clone()>"Back to the account"</a></div>
            </form>
            <p class="block"><small>"The next page shows everything once more. Nothing is sent before that."</small></p>
        </div>
    };
    let content = within(Content::new(format!("Send from {}", account.name), body), account);
    content.within(format!("/accounts/{}", account.id), account.name.clone())
}

fn review_page(review: SendReview, draft: &SendDraft, key: &str, query: &Query) -> Content {
    let account = review.account.clone();
    let path = format!("/accounts/{}", account.id);
    let change = path_of(&account.id.to_string(), draft, false);
    let button = match &review.own_account {
        Some(own) => format!("Transfer {} {} to {}", review.amount, account.coin, own.name),
        None => format!("Send {} {}", review.amount, account.coin),
    };
    let body = view! {
        <div class="head"><div><h1>"Review this send"</h1><p>"Nothing has been debited yet."</p></div></div>
        {Refused::of(query).map(|refused| view! { <div class="measure">{refused.view()}</div> })}
        <form class="sheet measure" method="post" action=SendFrom::url()>
            <Key key=key/>
            <Hidden name="account" value=account.id.to_string()/>
            <Hidden name="to_address" value=draft.to_address.clone()/>
            <Hidden name="amount" value=draft.amount.clone()/>
            <Hidden name="label" value=draft.label.clone()/>
            <Hidden name="force_external" value=if draft.force_external { "1" } else { "" }/>
            <p class="amount-of"><Amt of=review.amount coin=true/></p>
            <p class="soft">"from "<a href=path.clone()>{account.name.clone()}</a>{whither(&review)}</p>
            {recipient(&review)}
            {sum(&review)}
            {consequences(&review)}
            <section>
                {asks_amount(&review).then(|| confirm(&draft.amount))}
                <div class="acts"><button type="submit" class="primary">{button}</button>
                    <a class="button" href=change.clone()>"Change"</a><a class="button" href=path.clone()>"Discard"</a></div>
            </section>
        </form>
    };
    within(Content::new("Review this send", body), &account)
        .within(path, account.name.clone())
        .within(change, "Send")
}

/// The amount is typed once more where the money could be lost: to an address outside that was never used.
pub fn asks_amount(review: &SendReview) -> bool {
    review.own_account.is_none() && review.seen_before == 0
}

fn whither(review: &SendReview) -> String {
    match &review.own_account {
        Some(own) => format!(" to {}, an account of the same wallet", own.name),
        None => " to an address outside".into(),
    }
}

fn recipient(review: &SendReview) -> AnyView {
    let known = match (&review.own_account, review.seen_before) {
        (Some(own), _) => view! { <Mark icon="done" word="One of ours"/><br/>{format!("It belongs to {}: this is a transfer, nothing goes to the network.", own.name)} }.into_any(),
        (None, 0) => view! { <Mark icon="note" tone="wait" word="Never seen before"/><br/>
            "Not one of this wallet. Compare it with where you got it, the bold characters at least." }
        .into_any(),
        (None, n) => {
            let times = if n == 1 { "once".into() } else { format!("{n} times") };
            view! { <Mark icon="done" word="Seen before"/><br/>{format!("It was paid {times} before. Compare it all the same.")} }.into_any()
        }
    };
    let label = if review.label.is_empty() {
        view! { <span class="soft">"none"</span> }.into_any()
    } else {
        review.label.clone().into_any()
    };
    view! {
        <section aria-labelledby="recipient">
            <h2 id="recipient" class="only-read">"Recipient"</h2>
            <dl>
                <div><dt>"To address"</dt><dd><Quads text=review.to_address.clone()/></dd></div>
                <div><dt>"Known?"</dt><dd>{known}</dd></div>
                <div><dt>"Label"</dt><dd>{label}</dd></div>
            </dl>
        </section>
    }
    .into_any()
}

fn sum(review: &SendReview) -> AnyView {
    let minus = crate::model::Amount::new(review.amount.coin, review.amount.units.saturating_neg());
    let fee = match (&review.own_account, review.fee) {
        (Some(_), _) => view! { "No network fee: it stays in the books." }.into_any(),
        (None, Some(fee)) => view! { "Network fee: about "<Plain of=fee/>" for the whole broadcast, charged to Network fees, not to this account." }.into_any(),
        (None, None) => view! { "Network fee: not known yet. It is charged to Network fees, not to this account." }.into_any(),
    };
    view! {
        <section aria-labelledby="after">
            <h2 id="after" class="only-read">"Balance after"</h2>
            <table class="sum"><tbody>
                <tr><td>{format!("Balance of {}", review.account.name)}</td><td class="n"><Amt of=review.account.balance coin=true/></td></tr>
                <tr><td>"This send"</td><td class="n"><Amt of=minus coin=true/></td></tr>
                <tr><td>"Balance after"</td><td class="n"><Amt of=review.balance_after coin=true/></td></tr>
            </tbody></table>
            <p class="block"><small>{fee}</small></p>
        </section>
    }
    .into_any()
}

fn consequences(review: &SendReview) -> AnyView {
    let amount = review.amount;
    let steps = match &review.own_account {
        Some(own) => view! { <ol><li>"At once, "<Plain of=amount/>{format!(" moves to {}. Another transfer can bring it back.", own.name)}</li></ol> }.into_any(),
        None => view! {
            <ol>
                <li>"At once, "<Plain of=amount/>" leaves the account; the transaction is "<em>"pending"</em>". Until its broadcast opens you can cancel it."</li>
                <li>{format!("Within {} it joins the next broadcast of this wallet and goes to the network. From then on nobody can call it back.", count(review.broadcast_period, "second", "seconds"))}</li>
            </ol>
        }
        .into_any(),
    };
    view! { <section aria-labelledby="what"><h3 id="what">"What will happen"</h3>{steps}</section> }
        .into_any()
}

fn confirm(typed: &str) -> AnyView {
    view! {
        <div class="field"><label for="typed">"Type "<span class="typed">{typed.to_owned()}</span>" to confirm the amount"</label>
            <p class="hint" id="typed-hint">"Asked because the address has never been seen before."</p>
            <input type="text" class="short" id="typed" name="typed" inputmode="decimal" autocomplete="off" aria-describedby="typed-hint" required/></div>
    }
    .into_any()
}
