//! A real litecoind on regtest in a folder of its own: starts in a second, goes when dropped.
//! `Litecoind` is one daemon, with the wallets `hot` (Coffer's) and `outside` (everybody else's); `TwoNodes` puts
//! them on two connected daemons, so that the outside counts payments in its own blocks.
//! Needs Debian's package `litecoind` and, for wallet notifications, `curl`.

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use server::network::bitcoind::BitcoindSettings;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The binary itself: the one in /usr/bin is a wrapper that writes to the home folder.
const DAEMON: &str = "/usr/lib/litecoin/litecoind";
const USER: &str = "coffer";
const PASSWORD: &str = "not-a-secret";

/// Coffer's wallet.
pub const HOT: &str = "hot";
/// The wallet of everybody else; it mines.
pub const OUTSIDE: &str = "outside";

/// A daemon with a loaded machine around it; it takes a second alone.
const START_LIMIT: Duration = Duration::from_mins(1);
const CALL_LIMIT: Duration = Duration::from_mins(1);
/// A free thread answers in a fraction of it; on a machine so busy that it doesn't, the thread is as good as taken.
const PROBE_LIMIT: Duration = Duration::from_millis(500);
/// Free ports are found by asking, and somebody may take one before the daemon does.
const START_TRIES: usize = 5;
const PORT_TRIES: usize = 100;

#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Told of wallet transactions by POST of `txid=…`, such as `http://127.0.0.1:28882/`.
    pub walletnotify: Option<String>,
    /// Wallets to make; both when empty.
    pub wallets: Vec<&'static str>,
    /// Takes connections of other daemons, at `p2p_port`.
    pub listen: bool,
    /// The `p2p_port` of the daemon to connect to.
    pub peer: Option<u16>,
    /// More options of the daemon, such as `-rpcworkqueue=1`.
    pub extra: Vec<String>,
}

pub struct Litecoind {
    child: Option<Child>,
    folder: PathBuf,
    pub rpc_port: u16,
    pub p2p_port: u16,
    options: Options,
    client: reqwest::Client,
}

/// The first block of a branch that lost, and of the one that won.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    pub old: String,
    pub new: String,
}

/// An error of the daemon, as JSON-RPC has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RpcError {
    pub code: i64,
    pub message: String,
}

impl Litecoind {
    /// One daemon with both wallets, no money, and no block but the first.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(Options::default()).await
    }

    pub async fn start_with(options: Options) -> anyhow::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("coffer-litecoind-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder)?;
        let mut daemon = Self { child: None, folder, rpc_port: 0, p2p_port: 0, options, client: client()? };
        for left in (0..START_TRIES).rev() {
            (daemon.rpc_port, daemon.p2p_port) = (free_port()?, free_port()?);
            match daemon.run().await {
                Ok(()) => break,
                Err(error) if left == 0 => return Err(error),
                Err(_) => {}
            }
        }
        let wallets = if daemon.options.wallets.is_empty() {
            vec![HOT, OUTSIDE]
        } else {
            daemon.options.wallets.clone()
        };
        for wallet in wallets {
            // The last argument is load_on_startup.
            daemon.rpc("createwallet", json!([wallet, false, false, "", false, false, true])).await?;
        }
        Ok(daemon)
    }

    /// `http://user:password@127.0.0.1:port/`.
    pub fn url(&self) -> String {
        format!("http://{USER}:{PASSWORD}@127.0.0.1:{}/", self.rpc_port)
    }

    /// For Coffer's own backend.
    pub fn settings(&self, wallet: &str) -> BitcoindSettings {
        BitcoindSettings { wallet: Some(wallet.into()), ..BitcoindSettings::new(self.url()) }
    }

    /// Asks the daemon itself; an error of it is an `Err`.
    pub async fn rpc(&self, method: &str, params: Value) -> anyhow::Result<Value> {
        self.try_rpc(None, method, params).await?.map_err(|error| anyhow::anyhow!("{method}: {error:?}"))
    }

    /// Asks a wallet of the daemon.
    pub async fn wallet(&self, wallet: &str, method: &str, params: Value) -> anyhow::Result<Value> {
        self.try_rpc(Some(wallet), method, params)
            .await?
            .map_err(|error| anyhow::anyhow!("{method}: {error:?}"))
    }

    /// As the two above, with the daemon's own error kept apart from having no answer.
    pub async fn try_rpc(
        &self,
        wallet: Option<&str>,
        method: &str,
        params: Value,
    ) -> anyhow::Result<Result<Value, RpcError>> {
        let path = wallet.map(|wallet| format!("wallet/{wallet}")).unwrap_or_default();
        let request = self
            .client
            .post(format!("http://127.0.0.1:{}/{path}", self.rpc_port))
            .basic_auth(USER, Some(PASSWORD))
            .json(&json!({ "id": "test", "method": method, "params": params }));
        let mut answer: Value =
            request.send().await?.json().await.with_context(|| format!("answer to {method}"))?;
        let error = &answer["error"];
        if error.is_null() {
            return Ok(Ok(answer["result"].take()));
        }
        let message = error["message"].as_str().unwrap_or_default().to_owned();
        Ok(Err(RpcError { code: error["code"].as_i64().unwrap_or_default(), message }))
    }

    /// Mines `count` blocks, paid to the outside wallet (or to the only one there is). Their hashes.
    pub async fn mine(&self, count: u32) -> anyhow::Result<Vec<String>> {
        let wallets = &self.options.wallets;
        let miner = if wallets.is_empty() || wallets.contains(&OUTSIDE) { OUTSIDE } else { wallets[0] };
        let address = self.new_address(miner).await?;
        let hashes = self.rpc("generatetoaddress", json!([count, address])).await?;
        self.flush().await?;
        Ok(serde_json::from_value(hashes)?)
    }

    /// Has the chain written to disk: after `kill` the daemon knows only what was, and on a chain this young that
    /// may be nothing.
    pub async fn flush(&self) -> anyhow::Result<()> {
        self.rpc("gettxoutsetinfo", json!([])).await.map(drop)
    }

    /// Mines until the outside wallet has 50 ltc to spend.
    pub async fn mine_funded(&self) -> anyhow::Result<()> {
        // A coinbase can be spent when 100 blocks lie on it.
        self.mine(101).await.map(drop)
    }

    /// Pays from the outside wallet, unconfirmed. The txid. `amount` is decimal text, such as `0.00000001`.
    pub async fn pay(&self, address: &str, amount: &str) -> anyhow::Result<String> {
        let txid = text(&self.wallet(OUTSIDE, "sendtoaddress", json!([address, amount])).await?)?;
        // The daemon's other wallets hear of it by a queue.
        self.rpc("syncwithvalidationinterfacequeue", json!([])).await?;
        Ok(txid)
    }

    pub async fn new_address(&self, wallet: &str) -> anyhow::Result<String> {
        text(&self.wallet(wallet, "getnewaddress", json!([])).await?)
    }

    pub async fn height(&self) -> anyhow::Result<i64> {
        self.rpc("getblockcount", json!([])).await?.as_i64().context("getblockcount answers a number")
    }

    pub async fn best_block(&self) -> anyhow::Result<String> {
        text(&self.rpc("getbestblockhash", json!([])).await?)
    }

    /// Takes the last `count` blocks off the chain; their transactions go back to the mempool. The hash of the
    /// lowest, for `reconsiderblock`.
    pub async fn unmine(&self, count: i64) -> anyhow::Result<String> {
        let lowest = self.height().await? - count + 1;
        let hash = text(&self.rpc("getblockhash", json!([lowest])).await?)?;
        self.rpc("invalidateblock", json!([hash])).await?;
        Ok(hash)
    }

    /// The last `depth` blocks lose to a longer branch, whose first block spends in another way what the outside
    /// wallet's payment `txid` spent first, and has nothing else.
    pub async fn double_spend(&self, depth: i64, txid: &str) -> anyhow::Result<Fork> {
        let payment = self.wallet(OUTSIDE, "gettransaction", json!([txid])).await?;
        let payment = self.rpc("decoderawtransaction", json!([payment["hex"]])).await?;
        let spent = &payment["vin"][0];
        // Signed once the coin is unspent in the chain again: before, the wallet would not. Most of it goes to nobody.
        let old = self.unmine(depth).await?;
        let home = self.new_address(OUTSIDE).await?;
        let input = json!([{ "txid": spent["txid"], "vout": spent["vout"] }]);
        let rival = self.rpc("createrawtransaction", json!([input, [{ &home: "0.5" }]])).await?;
        let rival = self.wallet(OUTSIDE, "signrawtransactionwithwallet", json!([rival])).await?;
        ensure!(rival["complete"] == true, "not signed: {rival}");
        let first = self.rpc("generateblock", json!([home, [rival["hex"]]])).await?;
        for _ in 0..depth {
            self.rpc("generateblock", json!([home, []])).await?;
        }
        Ok(Fork { old, new: text(&first["hash"])? })
    }

    /// Takes the daemon's only RPC thread (`-rpcthreads=1`) until the next block comes from another daemon. What is
    /// asked meanwhile waits, and is done then, whether anybody still wants it or not.
    pub async fn block_thread(&self) -> anyhow::Result<()> {
        let next = self.height().await? + 1;
        let call = json!({ "id": "test", "method": "waitforblockheight", "params": [next, 0] });
        let url = format!("http://127.0.0.1:{}/", self.rpc_port);
        let request = self.client.post(url).basic_auth(USER, Some(PASSWORD)).json(&call);
        tokio::spawn(request.send());
        eventually("the daemon's thread to be taken", START_LIMIT, async || {
            // One that is answered came before.
            Ok(tokio::time::timeout(PROBE_LIMIT, self.height()).await.is_err())
        })
        .await
    }

    /// kill -9, and nothing else: data and ports stay for `restart`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Gone already is as good.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Asks it to stop, and waits until it has written everything.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.rpc("stop", json!([])).await?;
        let Some(mut child) = self.child.take() else { bail!("the daemon isn't running") };
        eventually("the daemon to stop", START_LIMIT, async || Ok(child.try_wait()?.is_some())).await
    }

    /// Starts it again with the same data, ports and options; wallets come back by themselves.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.kill();
        self.run().await
    }

    async fn run(&mut self) -> anyhow::Result<()> {
        let mut child = Command::new(DAEMON)
            .args(self.arguments())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{DAEMON} can't be started: is the package litecoind installed?"))?;
        let ready = eventually("litecoind to start", START_LIMIT, async || {
            if let Some(status) = child.try_wait()? {
                bail!(
                    "litecoind ended with {status}; see {}",
                    self.folder.join("regtest/debug.log").display()
                );
            }
            Ok(matches!(self.try_rpc(None, "getblockcount", json!([])).await, Ok(Ok(_))))
        });
        let ready = ready.await;
        self.child = Some(child);
        ready
    }

    fn arguments(&self) -> Vec<String> {
        let options = &self.options;
        let mut arguments = vec![
            "-regtest".into(),
            format!("-datadir={}", self.folder.display()),
            "-server=1".into(),
            "-dnsseed=0".into(),
            "-rpcbind=127.0.0.1".into(),
            "-rpcallowip=127.0.0.1".into(),
            format!("-rpcport={}", self.rpc_port),
            format!("-rpcuser={USER}"),
            format!("-rpcpassword={PASSWORD}"),
            "-printtoconsole=0".into(),
            "-fallbackfee=0.0002".into(),
            // A thousand keys in advance would take two seconds for each wallet.
            "-keypool=20".into(),
            // Without it mining stops at height 431: the regtest of this release would need MWEB data then.
            "-vbparams=mweb:4000000000:4000000001".into(),
        ];
        if options.listen {
            let bind = format!("-bind=127.0.0.1:{}", self.p2p_port);
            // Peers that may not be banned are told of transactions at once, others after some random seconds.
            arguments.extend([
                "-listen=1".into(),
                bind,
                "-listenonion=0".into(),
                "-whitelist=noban@127.0.0.1".into(),
            ]);
        } else {
            arguments.push("-listen=0".into());
        }
        match options.peer {
            Some(port) => arguments.push(format!("-connect=127.0.0.1:{port}")),
            // Nobody; but a listening one must not be told so, or it takes nobody either.
            None if !options.listen => arguments.push("-connect=0".into()),
            None => {}
        }
        if let Some(url) = &options.walletnotify {
            arguments.push(format!("-walletnotify=curl -s --max-time 10 --data txid=%s {url}"));
        }
        arguments.extend(options.extra.iter().cloned());
        arguments
    }
}

impl Drop for Litecoind {
    fn drop(&mut self) {
        self.kill();
        // What can't be removed is left to the system's own cleaning.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Coffer's daemon and the outside's, connected. Blocks are mined outside.
pub struct TwoNodes {
    pub hot: Litecoind,
    pub outside: Litecoind,
}

impl TwoNodes {
    /// `walletnotify` is the url that the hot daemon tells.
    pub async fn start(walletnotify: Option<String>) -> anyhow::Result<Self> {
        Self::start_with(walletnotify, &[], &[]).await
    }

    /// As `start`, with more options of the hot daemon, and of both.
    pub async fn start_with(
        walletnotify: Option<String>,
        hot: &[&str],
        both: &[&str],
    ) -> anyhow::Result<Self> {
        let all = |options: &[&str]| options.iter().map(ToString::to_string).collect::<Vec<_>>();
        let extra = all(&[hot, both].concat());
        let outside =
            Options { wallets: vec![OUTSIDE], listen: true, extra: all(both), ..Options::default() };
        let outside = Litecoind::start_with(outside).await?;
        let peer = Some(outside.p2p_port);
        let hot = Options { wallets: vec![HOT], listen: true, peer, walletnotify, extra };
        let nodes = Self { hot: Litecoind::start_with(hot).await?, outside };
        nodes.connect_back().await?;
        nodes.outside.mine_funded().await?;
        nodes.sync().await?;
        nodes.hot.flush().await?;
        Ok(nodes)
    }

    /// A second connection the other way, so that each tells the other at once (see `whitelist`). Without it, after
    /// a restart of the hot daemon, transactions take some seconds longer.
    pub async fn connect_back(&self) -> anyhow::Result<()> {
        let address = format!("127.0.0.1:{}", self.hot.p2p_port);
        self.outside.rpc("addnode", json!([address, "onetry"])).await.map(drop)
    }

    /// Starts the killed or stopped hot daemon again and waits until it has caught up.
    pub async fn restart_hot(&mut self) -> anyhow::Result<()> {
        self.hot.restart().await?;
        self.connect_back().await?;
        eventually("the hot daemon to catch up", START_LIMIT, async || {
            let same = self.hot.best_block().await? == self.outside.best_block().await?;
            Ok(same && greeted(&self.hot).await? && greeted(&self.outside).await?)
        })
        .await
    }

    /// Mines outside, what the hot daemon's mempool has included, and waits until it has the blocks.
    pub async fn mine(&self, count: u32) -> anyhow::Result<Vec<String>> {
        self.sync().await?;
        let hashes = self.outside.mine(count).await?;
        self.sync().await?;
        self.hot.flush().await?;
        Ok(hashes)
    }

    /// Pays from outside and waits until the hot daemon has it in its mempool. The txid.
    pub async fn pay(&self, address: &str, amount: &str) -> anyhow::Result<String> {
        let txid = self.outside.pay(address, amount).await?;
        self.sync().await?;
        Ok(txid)
    }

    /// Cuts the hot daemon off from the outside, or lets it find back.
    pub async fn connect(&self, connected: bool) -> anyhow::Result<()> {
        self.hot.rpc("setnetworkactive", json!([connected])).await?;
        if connected {
            self.connect_back().await?;
        }
        Ok(())
    }

    /// Waits until both have the same blocks and the same unconfirmed transactions.
    pub async fn sync(&self) -> anyhow::Result<()> {
        let mut seen = String::new();
        let agreed = eventually("both daemons to agree", START_LIMIT, async || {
            let hot = (self.hot.best_block().await?, mempool(&self.hot).await?);
            let outside = (self.outside.best_block().await?, mempool(&self.outside).await?);
            seen = format!("hot {hot:?}, outside {outside:?}");
            Ok(hot == outside)
        });
        agreed.await.context(seen)
    }
}

/// Whether another daemon has shaken hands: before that nothing is told to it.
async fn greeted(daemon: &Litecoind) -> anyhow::Result<bool> {
    let peers = daemon.rpc("getpeerinfo", json!([])).await?;
    let peers = peers.as_array().context("a list of peers")?;
    Ok(peers.iter().any(|peer| !peer["bytesrecv_per_msg"]["verack"].is_null()))
}

/// Txids that wait to be mined.
pub async fn mempool(daemon: &Litecoind) -> anyhow::Result<Vec<String>> {
    let mut txids: Vec<String> = serde_json::from_value(daemon.rpc("getrawmempool", json!([])).await?)?;
    txids.sort();
    Ok(txids)
}

/// Waits for a condition, asked every few milliseconds, for no longer than `limit`; an error of it ends the wait.
pub async fn eventually(
    what: &str,
    limit: Duration,
    mut condition: impl AsyncFnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let end = tokio::time::Instant::now() + limit;
    while !condition().await? {
        ensure!(tokio::time::Instant::now() < end, "waited {limit:?} in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// A port that was free a moment ago, below those that the system gives to outgoing connections: one of these would
/// take it before the server does that it is meant for.
pub fn free_port() -> anyhow::Result<u16> {
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let ports = std::iter::repeat_with(|| rand::random_range(10_000..32_000)).take(PORT_TRIES);
    ports.into_iter().find(free).context("no free port")
}

fn client() -> anyhow::Result<reqwest::Client> {
    // Another part of the process may have installed it first: either is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .timeout(CALL_LIMIT)
        .pool_max_idle_per_host(0)
        .build()?)
}

fn text(value: &Value) -> anyhow::Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("a text, not {value}"))
}
