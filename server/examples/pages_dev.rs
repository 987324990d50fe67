use app::desk::*;
use app::model::*;
use app::sign_in::*;
use async_trait::async_trait;
use axum::{Router, routing::post};
use leptos::prelude::*;
use std::sync::Arc;
fn btc() -> Coin {
    Coin::new("btc", 8).unwrap()
}
fn ltc() -> Coin {
    Coin::new("ltc", 8).unwrap()
}
fn doge() -> Coin {
    Coin::new("doge", 8).unwrap()
}
fn a(c: Coin, u: i64) -> Amount {
    Amount::new(c, u)
}
fn now() -> Time {
    Time(1_795_357_207_000_000)
}
fn ago(s: i64) -> Time {
    now().plus_seconds(-s)
}
const TXID: &str = "16e645085ea0fdff5f44048200f487362231a4d018da470c51fc0366fbf4d1c8";
const ADDR: &str = "bcrt1q4ret5esmjjhy6f5kxda6r9kr7vgcx2dfh4gypt";
struct Fake {
    empty: bool,
    viewer: bool,
}
fn acc(id: i64) -> AccountRow {
    let names = ["Halden Books", "Marlow Seeds", "Orrin Coffee", "Quay Street Bikes", "Network fees"];
    let n = names[((id - 1).max(0) as usize) % 5];
    AccountRow {
        id: AccountId(id),
        wallet: WalletId(1),
        wallet_name: "merchants".into(),
        coin: btc(),
        name: n.into(),
        balance: a(btc(), if id == 5 { -2310 } else { 184206113 * id }),
        unconfirmed: a(btc(), 5120000),
        pending: a(btc(), 0),
        network_fees: id == 5,
        created_at: ago(900000),
        updated_at: ago(60 * id),
    }
}
fn wal(id: i64, c: Coin, name: &str, b: i64) -> WalletRow {
    WalletRow {
        id: WalletId(id),
        coin: c,
        name: name.into(),
        balance: a(c, b),
        unconfirmed: a(c, 5120000),
        pending: a(c, 11840000),
        account_count: 38,
        paused_at: (id == 2).then(|| ago(5000)),
        broken_broadcast: (id == 3).then_some(NetworkTransactionId(318)),
        created_at: ago(99999),
        updated_at: ago(36 * id * id * id),
    }
}
fn tx(id: i64, state: TransactionState) -> TransactionRow {
    use TransactionState as S;
    let dep = matches!(state, S::Incoming | S::Credited | S::Reversed);
    let c = if id % 3 == 0 { doge() } else { btc() };
    TransactionRow {
        id: TransactionId(id),
        wallet: WalletId(1),
        wallet_name: "merchants".into(),
        state,
        amount: a(c, if id % 3 == 0 { 1248050000000 } else { 5120000 + id }),
        label: if state == S::Internal { String::new() } else { format!("Order {id}") },
        sending: (!dep).then(|| AccountRef {
            id: AccountId(if state == S::NetworkFee { 5 } else { 1 }),
            name: if state == S::NetworkFee { "Network fees".into() } else { "Halden Books".into() },
        }),
        receiving: (dep || state == S::Internal)
            .then(|| AccountRef { id: AccountId(2), name: "Marlow Seeds".into() }),
        address: (!matches!(state, S::Internal | S::NetworkFee)).then(|| ADDR.into()),
        network_transaction: (!matches!(state, S::Internal | S::Cancelled))
            .then_some(NetworkTransactionId(319)),
        network_state: (!matches!(state, S::Internal)).then_some(if id == 90435 {
            NetworkTransactionState::Broken
        } else {
            NetworkTransactionState::Closed
        }),
        txid: (!matches!(state, S::Internal | S::Pending | S::Cancelled)).then(|| TXID.into()),
        confirmations: match state {
            S::Incoming => Some(1),
            S::Credited => Some(id % 20),
            S::Broadcasted | S::NetworkFee => Some(2 + id % 3),
            S::Reversed => Some(0),
            _ => None,
        },
        confirmation_count: 3,
        max_confirmation_count: 15,
        reason: (state == S::Cancelled).then(|| "typed the wrong address".into()),
        created_at: ago((90447 - id) * 1700),
        credited_at: None,
        processed_at: None,
    }
}
fn txs() -> Vec<TransactionRow> {
    use TransactionState::*;
    [
        Incoming,
        Pending,
        Internal,
        Credited,
        Broadcasted,
        NetworkFee,
        Cancelled,
        Reversed,
        Broadcasted,
        Credited,
        Credited,
        Failed,
        Pending,
        BalanceImport,
        Adjustment,
    ]
    .iter()
    .enumerate()
    .map(|(i, s)| tx(90447 - i as i64, *s))
    .collect()
}
fn bro(id: i64, s: NetworkTransactionState) -> BroadcastRow {
    use NetworkTransactionState as N;
    BroadcastRow {
        id: NetworkTransactionId(id),
        coin: btc(),
        wallet: WalletId(1),
        wallet_name: "merchants".into(),
        state: s,
        output_count: 2,
        amount: a(btc(), 37500000),
        fee: matches!(s, N::Closed | N::Settled | N::Prepared).then(|| a(btc(), 2310)),
        txid: matches!(s, N::Closed | N::Settled | N::Prepared).then(|| TXID.into()),
        confirmations: (s == N::Closed).then_some(2).or((s == N::Settled).then_some(20)),
        confirmation_count: 3,
        max_confirmation_count: 15,
        last_error: (s == N::Collected)
            .then(|| "refused twice: the wallet is locked".into())
            .or((s == N::Broken).then(|| "no reply in 15 s".into())),
        retry_at: (s == N::Collected).then(|| now().plus_seconds(60)),
        opened_at: (s != N::Collected).then(|| ago(700)),
        closed_at: matches!(s, N::Closed | N::Settled).then(|| ago(600)),
        created_at: ago(800),
    }
}
fn pg<T>(items: Vec<T>) -> Page<T> {
    Page { items, newer: None, older: Some("c123".into()) }
}
#[async_trait]
impl Desk for Fake {
    async fn frame(&self) -> Answer<Frame> {
        tokio::task::yield_now().await;
        Ok(Frame {
            user: "ines".into(),
            role: if self.viewer { Role::Viewer } else { Role::Operator },
            simulated: true,
            demo: true,
            broken_broadcasts: 1,
            now: now(),
            version: "0.1.0",
        })
    }
    fn new_key(&self) -> String {
        "s-7c1e09b24d5f".into()
    }
    async fn overview(&self) -> Answer<Overview> {
        let cr = |c: Coin, name: &str, h, state| CoinRow {
            coin: c,
            name: name.into(),
            network: "regtest".into(),
            simulated: c != ltc(),
            confirmation_count: 3,
            max_confirmation_count: 15,
            minimum_send: a(c, 1000),
            backend: BackendRow {
                class: "simulated".into(),
                state,
                since: Some(ago(500)),
                height: Some(h),
                hot_wallet_balance: Some(a(c, 1739677734)),
                as_of: Some(ago(17)),
                last_error: (state == BackendState::Down)
                    .then(|| "connection refused (127.0.0.1:18443)".into()),
            },
            books: Some(a(c, 1722717734)),
            unconfirmed: a(c, 5120000),
            pending: a(c, 11840000),
            unfunded_fees: a(c, 2310),
            difference: if c == doge() { None } else { Some(a(c, 0)) },
        };
        Ok(Overview {
            coins: vec![
                cr(btc(), "Bitcoin", 3112, BackendState::Up),
                cr(ltc(), "Litecoin", 12448, BackendState::Down),
                cr(doge(), "Dogecoin", 31120, BackendState::Up),
            ],
            wallet_count: if self.empty { 0 } else { 7 },
            needs: vec![
                Need {
                    risk: true,
                    what: "Broadcast 318 is broken.".into(),
                    detail: "41.20500000 ltc to 3 addresses: nobody knows if the network has it.".into(),
                    since: Some(ago(1500)),
                    href: "/broadcasts/318".into(),
                    act: "Vet it".into(),
                },
                Need {
                    risk: false,
                    what: "The backend of ltc is down.".into(),
                    detail: "connection refused; it is tried again every few seconds.".into(),
                    since: Some(ago(500)),
                    href: "/jobs".into(),
                    act: "Look".into(),
                },
            ],
            audited_at: Some(ago(12)),
            deposits: txs().into_iter().filter(|t| t.sending.is_none()).collect(),
            deposit_count: 193,
            send_count: 64,
            pending_count: 5,
            oldest_pending: Some((TransactionId(90435), ago(1920))),
        })
    }
    async fn wallets(&self) -> Answer<Vec<WalletRow>> {
        if self.empty {
            return Ok(vec![]);
        }
        Ok(vec![
            wal(1, btc(), "merchants", 1420817734),
            wal(2, btc(), "payroll", 241900000),
            wal(3, ltc(), "merchants", 51233640000),
            wal(4, ltc(), "treasury", 25000000000),
            wal(5, doge(), "tips", 6190424740000),
        ])
    }
    async fn wallet(&self, id: WalletId) -> Answer<WalletRow> {
        if id.0 == 1 {
            Ok(wal(1, btc(), "merchants", 1420817734))
        } else if id.0 == 2 {
            Ok(wal(2, btc(), "payroll", 241900000))
        } else {
            Err(AppError::NotFound("wallet"))
        }
    }
    async fn create_wallet(&self, _: &str, n: &str) -> Answer<WalletId> {
        if n == "bad" { Err(AppError::invalid("name", "x")) } else { Ok(WalletId(1)) }
    }
    async fn pause_wallet(&self, _: WalletId) -> Answer<()> {
        Ok(())
    }
    async fn resume_wallet(&self, _: WalletId) -> Answer<()> {
        Err(AppError::Internal { incident: "01JD8Q2V6K".into() })
    }
    async fn accounts(&self, _: WalletId, _: Paging) -> Answer<Page<AccountRow>> {
        Ok(pg((1..=5).map(acc).collect()))
    }
    async fn account(&self, id: AccountId) -> Answer<AccountRow> {
        if id.0 == 99 {
            return Err(AppError::Internal { incident: "01JD8Q2V6K".into() });
        }
        if id.0 <= 5 { Ok(acc(id.0)) } else { Err(AppError::NotFound("account")) }
    }
    async fn create_account(&self, _: WalletId, _: &str) -> Answer<AccountId> {
        Ok(AccountId(1))
    }
    async fn history(&self, _: AccountId, _: Paging) -> Answer<Page<HistoryRow>> {
        use TransactionState::*;
        Ok(pg(txs()
            .into_iter()
            .filter(|t| t.amount.coin == btc())
            .map(|t| {
                let out = t.sending.as_ref().is_some_and(|s| s.id.0 == 1);
                HistoryRow {
                    amount: a(t.amount.coin, if out { -t.amount.units } else { t.amount.units }),
                    balance_after: (!matches!(t.state, Incoming | Cancelled)).then(|| a(btc(), 184206113)),
                    transaction: t,
                }
            })
            .collect()))
    }
    async fn addresses(&self, _: AccountId, _: bool, p: Paging) -> Answer<Page<AddressRow>> {
        let n = p.limit.unwrap_or(4);
        Ok(pg((0..n)
            .map(|i| AddressRow {
                id: AddressId(i),
                coin: btc(),
                kind: AddressKind::Receiving,
                address: ADDR.into(),
                label: format!("Order {i}"),
                account: Some(AccountId(1)),
                account_name: Some("Halden Books".into()),
                balance: a(btc(), i * 5120000),
                archived_at: None,
                created_at: ago(i * 9000),
            })
            .collect()))
    }
    async fn create_address(&self, i: AccountId, _: &str, _: &str) -> Answer<AddressRow> {
        Ok(self.addresses(i, false, Paging::default()).await?.items.remove(0))
    }
    async fn archive_address(&self, _: AddressId) -> Answer<()> {
        Ok(())
    }
    async fn transfer(&self, _: AccountId, _: AccountId, _: &str, _: &str, _: &str) -> Answer<TransactionId> {
        Ok(TransactionId(90445))
    }
    async fn review_send(&self, f: AccountId, d: &SendDraft) -> Answer<SendReview> {
        let acc = acc(f.0);
        let mut e = vec![];
        if !d.to_address.starts_with("bcrt1") {
            e.push(FieldError{field:"to_address",message:"The checksum doesn’t match: a character is wrong. Copy the address again from where you got it.".into()})
        }
        let am = Amount::parse(btc(), &d.amount);
        match &am {
            Err(x) => e.push(FieldError { field: "amount", message: x.to_string() }),
            Ok(x) if x.units > acc.balance.units => e.push(FieldError {
                field: "amount",
                message: format!("The account holds {} btc: too little.", acc.balance),
            }),
            _ => {}
        }
        if !e.is_empty() {
            return Err(AppError::Invalid(e));
        }
        let am = am.unwrap();
        Ok(SendReview {
            to_address: d.to_address.clone(),
            own_account: d
                .label
                .contains("own")
                .then(|| AccountRef { id: AccountId(2), name: "Marlow Seeds".into() }),
            seen_before: i64::from(d.label.contains("seen")),
            amount: am,
            balance_after: acc.balance.subtract(am).unwrap(),
            label: d.label.clone(),
            fee: Some(a(btc(), 2115)),
            broadcast_period: 30,
            force_external: d.force_external,
            account: acc,
        })
    }
    async fn send(&self, _: AccountId, d: &SendDraft, _: &str) -> Answer<TransactionId> {
        if d.label == "poor" {
            return Err(AppError::Refused { code: "not_enough_account_balance", message: "x".into() });
        }
        Ok(TransactionId(90446))
    }
    async fn cancel_transaction(&self, _: TransactionId, _: &str) -> Answer<()> {
        Err(AppError::Refused { code: "not_cancellable", message: "x".into() })
    }
    async fn transactions(&self, f: &TransactionFilter, _: Paging) -> Answer<Page<TransactionRow>> {
        if f.min_amount.as_deref() == Some("x") {
            return Err(AppError::invalid("min_amount", "Write an amount as plain digits."));
        }
        let v: Vec<_> = txs().into_iter().filter(|t| f.state.is_none_or(|s| s == t.state)).collect();
        Ok(pg(v))
    }
    async fn transaction(&self, id: TransactionId) -> Answer<TransactionRow> {
        txs().into_iter().find(|t| t.id == id).ok_or(AppError::NotFound("transaction"))
    }
    async fn story(&self, _: TransactionId) -> Answer<Vec<Step>> {
        let s = |at, kind, what: &str, d: &str| Step { at, kind, what: what.into(), detail: d.into() };
        Ok(vec![
            s(
                Some(ago(90000)),
                StepKind::Past,
                "Created by ines",
                "0.30000000 btc left Halden Books: 2.11400000 before, 1.81400000 after.",
            ),
            s(Some(ago(700)), StepKind::Past, "Collected into broadcast 319", "With 1 more transaction."),
            s(Some(ago(600)), StepKind::Done, "Sent and closed", "The backend has it."),
            s(Some(ago(300)), StepKind::Wait, "2 of 3 confirmations", ""),
            s(None, StepKind::Next, "Settled with 13 more confirmations", ""),
        ])
    }
    async fn broadcasts(&self, st: Option<NetworkTransactionState>, _: Paging) -> Answer<Page<BroadcastRow>> {
        use NetworkTransactionState::*;
        Ok(pg([Collected, Broken, Prepared, Open, Closed, Settled, Cancelled]
            .iter()
            .enumerate()
            .filter(|(_, s)| st.is_none_or(|x| x == **s))
            .map(|(i, s)| bro(320 - i as i64, *s))
            .collect()))
    }
    async fn broadcast(&self, id: NetworkTransactionId) -> Answer<BroadcastDetail> {
        Ok(BroadcastDetail {
            broadcast: bro(
                id.0,
                if id.0 == 318 { NetworkTransactionState::Broken } else { NetworkTransactionState::Closed },
            ),
            transactions: txs()
                .into_iter()
                .filter(|t| t.state == TransactionState::Broadcasted && t.amount.coin == btc())
                .collect(),
            attempts: vec![
                AttemptRow {
                    number: 1,
                    runner: "helper-1".into(),
                    outcome: Some("unknown".into()),
                    detail: Some("no reply in 15 s".into()),
                    started_at: ago(700),
                    finished_at: Some(ago(685)),
                },
                AttemptRow {
                    number: 2,
                    runner: "helper-1".into(),
                    outcome: None,
                    detail: None,
                    started_at: ago(600),
                    finished_at: None,
                },
            ],
            inputs: vec![
                InputRow { txid: TXID.into(), vout: 0, amount: a(btc(), 50000000), anchor: true },
                InputRow { txid: TXID.into(), vout: 1, amount: a(btc(), 12345678), anchor: false },
            ],
            story: self.story(TransactionId(1)).await?,
        })
    }
    async fn jobs(&self) -> Answer<Vec<JobRow>> {
        let j = |n: &str, c: &str, s| JobRow {
            name: n.into(),
            coin: c.into(),
            state: s,
            last_started_at: Some(ago(20)),
            last_finished_at: (s != JobState::Running).then(|| ago(19)),
            last_result: Some("4 asked, 2 changed".into()),
            last_error: (s == JobState::BackingOff).then(|| "connection refused (127.0.0.1:18443)".into()),
            failing_since: (s == JobState::BackingOff).then(|| ago(500)),
            next_run_at: (n != "scan").then(|| now().plus_seconds(30)),
            run_asked_at: None,
            runner: Some("helper-1".into()),
        };
        Ok(vec![
            j("broadcast", "btc", JobState::Waiting),
            j("confirm", "btc", JobState::Running),
            j("broadcast", "ltc", JobState::BackingOff),
            j("scan", "ltc", JobState::Waiting),
            j("audit", "", JobState::Waiting),
        ])
    }
    async fn run_job(&self, _: &str, _: &str) -> Answer<()> {
        Ok(())
    }
    async fn simulators(&self) -> Answer<Vec<SimulatorRow>> {
        Ok(vec![
            SimulatorRow {
                coin: btc(),
                height: 3112,
                mempool: 2,
                block_seconds: 20,
                failures: vec!["send_prepared: lost_reply, 2 times".into()],
            },
            SimulatorRow { coin: doge(), height: 31120, mempool: 0, block_seconds: 0, failures: vec![] },
        ])
    }
    async fn simulated_pay(&self, _: &str, _: &str, _: &str) -> Answer<String> {
        Ok(TXID.into())
    }
    async fn simulated_mine(&self, _: &str, _: u32) -> Answer<()> {
        Ok(())
    }
    async fn simulated_fail(&self, _: &str, _: &str, _: &str, _: u32) -> Answer<()> {
        Ok(())
    }
}
struct In;
#[async_trait]
impl SignIn for In {
    fn door(&self) -> Door {
        Door { simulated: true, demo: true }
    }
    async fn attempts(&self, _: &str) -> Answer<Attempts> {
        Ok(Attempts { left: 4, paused_until: None })
    }
    async fn sign_in(&self, _: &str, p: &str) -> Answer<()> {
        if p == "x" {
            Ok(())
        } else {
            Err(AppError::Refused { code: "wrong_password", message: "no".into() })
        }
    }
    async fn sign_out(&self) -> Answer<()> {
        Ok(())
    }
}
fn ctx() {
    let cookie = use_context::<axum::http::request::Parts>()
        .and_then(|p| p.headers.get("cookie").and_then(|c| c.to_str().ok().map(str::to_owned)))
        .unwrap_or_default();
    provide_context::<Arc<dyn SignIn>>(Arc::new(In));
    if !cookie.contains("out") {
        provide_context::<Arc<dyn Desk>>(Arc::new(Fake {
            empty: cookie.contains("empty"),
            viewer: cookie.contains("viewer"),
        }));
    }
}
#[tokio::main]
async fn main() {
    use leptos_axum::LeptosRoutes;
    let options = LeptosOptions::builder()
        .output_name("coffer")
        .site_root(std::env::var("SITE").unwrap_or("/tmp/site".into()))
        .site_addr("127.0.0.1:3999".parse::<std::net::SocketAddr>().unwrap())
        .hash_files(false)
        .build();
    let routes = leptos_axum::generate_route_list(app::App);
    let o = options.clone();
    let r = Router::new()
        .route(
            "/act/{*x}",
            post(|req: axum::extract::Request| leptos_axum::handle_server_fns_with_context(ctx, req)),
        )
        .leptos_routes_with_context(&options, routes, ctx, move || app::shell(o.clone()))
        .fallback(leptos_axum::file_and_error_handler_with_context::<LeptosOptions, _>(ctx, app::shell))
        .with_state(options);
    let l = tokio::net::TcpListener::bind("127.0.0.1:3999").await.unwrap();
    println!("up");
    axum::serve(l, r).await.unwrap();
}
