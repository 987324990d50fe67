//! Moving money to another account of the wallet: the form, and with `review=1` its faults or everything once more.

use super::account::within;
use super::{Content, Query, Refused, Visit, link, review};
use crate::action::Transfer;
use crate::desk::{Answer, AppError};
use crate::model::{AccountRow, FieldError, Paging, TransferDraft, TransferReview};
use crate::part::{Amt, Field, Hidden, Icon, Key, NotAccepted, Plain, fault};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// More accounts than this are chosen by id: a list that long helps nobody, and the desk gives no more at once.
const LISTED: i64 = 200;

pub async fn show(visit: Visit) -> Answer<Content> {
    visit.must_operate()?;
    let account = visit.desk.account(visit.id("account")?).await?;
    let draft = draft(&visit.query);
    let mut faults = Vec::new();
    if !visit.query.get("review").is_empty() {
        let again = path_of(&account.id.to_string(), &draft, false);
        if let Some(carried_out) = review::carried_out(&visit, &account, "transfer", again).await? {
            return Ok(carried_out);
        }
        match visit.desk.review_transfer(account.id, &draft).await {
            Ok(review) => {
                return Ok(review::with_key(&visit, |key| review_page(&review, &draft, key, &visit.query)));
            }
            Err(AppError::Invalid(invalid)) => faults = invalid,
            Err(error) => return Err(error),
        }
    }
    let others =
        visit.desk.accounts(account.wallet, Paging { limit: Some(LISTED), ..Paging::default() }).await?;
    let complete = others.older.is_none();
    let others: Vec<_> = others.items.into_iter().filter(|other| other.id != account.id).collect();
    Ok(form(&account, &draft, &faults, &visit.query, complete.then_some(others.as_slice())))
}

fn draft(query: &Query) -> TransferDraft {
    TransferDraft {
        to_account: query.get("to_account").into(),
        amount: query.get("amount").into(),
        label: query.get("label").into(),
    }
}

pub fn path_of(account: &str, draft: &TransferDraft, review: bool) -> String {
    let pairs = [
        ("review", if review { "1" } else { "" }),
        ("to_account", draft.to_account.as_str()),
        ("amount", draft.amount.as_str()),
        ("label", draft.label.as_str()),
    ];
    link(&format!("/accounts/{account}/transfer"), pairs)
}

/// `others`: the accounts to choose from, where they are few enough.
fn form(
    account: &AccountRow,
    draft: &TransferDraft,
    faults: &[FieldError],
    query: &Query,
    others: Option<&[AccountRow]>,
) -> Content {
    let path = format!("/accounts/{}", account.id);
    let refused = Refused::of(query).filter(|_| faults.is_empty()).map(|refused| refused.view());
    let to = match others {
        Some(others) => choice(others, draft, fault(faults, "to_account")),
        None => view! { <Field name="to_account" label="To account" value=draft.to_account.clone() error=fault(faults, "to_account")
            hint="Its id: the number in the address of its page. This wallet has too many accounts to list."/> }
        .into_any(),
    };
    let body = view! {
        <div class="head"><div><h1>{format!("Transfer from {}", account.name)}</h1><p>"The account holds "<Plain of=account.balance/>"."</p></div></div>
        <div class="measure">
            {refused}
            {(!faults.is_empty()).then(|| view! { <NotAccepted faults=faults.len()/> })}
            <form class="sheet" method="get" action=format!("{path}/transfer")>
                <Hidden name="review" value="1"/>
                {to}
                <Field name="amount" label="Amount" value=draft.amount.clone() error=fault(faults, "amount") unit=account.coin.to_string() amount=true/>
                <Field name="label" label="Label" value=draft.label.clone() error=fault(faults, "label") max_length=255 hint="For your own search."/>
                <div class="acts"><button type="submit" class="primary">"Review"</button><a class="button" href=path.clone()>"Back to the account"</a></div>
            </form>
            <p class="block"><small>"A transfer is instant and stays in the books: no network, no fee."</small></p>
        </div>
    };
    let content = within(Content::new(format!("Transfer from {}", account.name), body), account);
    content.within(format!("/accounts/{}", account.id), account.name.clone())
}

fn choice(others: &[AccountRow], draft: &TransferDraft, error: Option<String>) -> AnyView {
    let options = others.iter().map(|other| {
        let id = other.id.to_string();
        view! { <option value=id.clone() selected=id == draft.to_account>{other.name.clone()}</option> }
    });
    view! {
        <div class="field"><label for="to_account">"To account"</label>
            <select id="to_account" name="to_account" autofocus=error.is_some() aria-invalid=error.is_some().then_some("true") aria-describedby=error.is_some().then_some("to_account-error")>
                <option value="">"choose an account of this wallet"</option>{options.collect_view()}
            </select>
            {error.map(|error| view! { <p class="error" id="to_account-error"><Icon name="note"/>{error}</p> })}
        </div>
    }
    .into_any()
}

fn review_page(review: &TransferReview, draft: &TransferDraft, key: &str, query: &Query) -> Content {
    let (from, to) = (&review.from, &review.to);
    let path = format!("/accounts/{}", from.id);
    let change = path_of(&from.id.to_string(), draft, false);
    let body = view! {
        <div class="head"><div><h1>"Review this transfer"</h1><p>"Nothing has been debited yet."</p></div></div>
        {Refused::of(query).map(|refused| view! { <div class="measure">{refused.view()}</div> })}
        <form class="sheet measure" method="post" action=Transfer::url()>
            <Key key=key/>
            <Hidden name="account" value=from.id.to_string()/>
            <Hidden name="to_account" value=draft.to_account.clone()/>
            <Hidden name="amount" value=draft.amount.clone()/>
            <Hidden name="label" value=draft.label.clone()/>
            <p class="amount-of"><Amt of=review.amount coin=true/></p>
            <p class="soft">"from "<a href=path.clone()>{from.name.clone()}</a>" to "<a href=format!("/accounts/{}", to.id)>{to.name.clone()}</a></p>
            {(!review.label.is_empty()).then(|| view! { <section><dl><div><dt>"Label"</dt><dd>{review.label.clone()}</dd></div></dl></section> })}
            <section aria-labelledby="after">
                <h2 id="after" class="only-read">"Balances after"</h2>
                <table class="rows">
                    <thead><tr><th scope="col">"Account"</th><th scope="col" class="n">"Balance"</th>
                        <th scope="col" class="n">{format!("Balance after, {}", from.coin)}</th></tr></thead>
                    <tbody>
                        <tr><th scope="row" class="at-tl">{from.name.clone()}</th><td class="n at-row" data-name="Balance"><Amt of=from.balance/></td>
                            <td class="n at-row" data-name="After"><Amt of=review.balance_after/></td></tr>
                        <tr><th scope="row" class="at-tl">{to.name.clone()}</th><td class="n at-row" data-name="Balance"><Amt of=to.balance/></td>
                            <td class="n at-row" data-name="After"><Amt of=review.to_balance_after/></td></tr>
                    </tbody>
                </table>
                <p class="block"><small>"Instant, without a fee. Another transfer can bring it back."</small></p>
            </section>
            <section>
                <div class="acts"><button type="submit" class="primary">{format!("Transfer {} {}", review.amount, from.coin)}</button>
                    <a class="button" href=change.clone()>"Change"</a><a class="button" href=path.clone()>"Discard"</a></div>
            </section>
        </form>
    };
    within(Content::new("Review this transfer", body), from)
        .within(path, from.name.clone())
        .within(change, "Transfer")
}
