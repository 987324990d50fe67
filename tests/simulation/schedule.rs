//! What happens next, by chance.

use super::killed::killed_after;
use super::world::{COIN, World};
use rand::Rng;
use server::job::Step;
use server::ledger::{LedgerError, Send, Transfer};
use server::network::simulated::{CALLS, EVERY_CALL, Failure};

/// Broadcasts twice as often: most can go wrong there.
const PASSES: [Step; 5] = [Step::Scan, Step::Confirm, Step::Broadcast, Step::Broadcast, Step::Audit];
/// About as often a broadcast's pass waits for the database.
const WAKES_OF_A_PASS: u32 = 150;
/// Reorganisations reach less deep than credits: a credited deposit that falls is another rule's matter.
const REORG_DEPTH_MAX: u32 = 2;

pub async fn act(world: &mut World) -> anyhow::Result<()> {
    let pause = world.chance.random_range(0..3);
    world.clock.advance(pause);
    match world.chance.random_range(0..100) {
        0..12 => pay(world).await,
        12..26 => send(world).await,
        26..30 => transfer(world).await,
        30..42 => mine(world).await,
        42..45 => reorganise(world).await,
        45..48 => double_spend(world).await,
        48..50 => new_address(world).await,
        50..60 => order_failure(world).await,
        60..64 => notify_again(world).await,
        64..65 => {
            world.clock.advance(60);
            Ok(())
        }
        _ => run_jobs(world).await,
    }
}

async fn pay(world: &mut World) -> anyhow::Result<()> {
    let which = world.pick(world.addresses.len());
    let (account, address) = world.addresses[which].clone();
    let amount = world.chance.random_range(COIN / 100..2 * COIN);
    world.deposit(account, &address, amount).await
}

/// Mostly to somebody outside, whom we paid before or not; sometimes over the network to one of our own addresses.
async fn send(world: &mut World) -> anyhow::Result<()> {
    let from = 1 + world.pick(world.accounts.len() - 1);
    let units = world.chance.random_range(COIN / 1_000..COIN / 2);
    let own = world.chance.random_bool(0.1);
    let known = world.due_outside.len();
    let to_address = if own {
        let which = world.pick(world.addresses.len());
        world.addresses[which].1.clone()
    } else if known > 0 && world.chance.random_bool(0.5) {
        let which = world.pick(known);
        world.due_outside.keys().nth(which).expect("picked below its length").clone()
    } else {
        world.network().outside_address().await?
    };
    let send = Send {
        from: world.accounts[from],
        to_address: to_address.clone(),
        amount: world.amount(units),
        label: String::new(),
        force_external: true,
        minimum_send: world.amount(world.service.spec.minimum_send),
        now: world.now(),
    };
    match world.database.db.write(send).await {
        Ok(_) => {}
        Err(LedgerError::NotEnoughBalance { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    world.due[from] -= units;
    match world.addresses.iter().find(|(_, address)| *address == to_address) {
        Some((account, _)) => world.due[*account] += units,
        None => *world.due_outside.entry(to_address).or_default() += units,
    }
    Ok(())
}

async fn transfer(world: &mut World) -> anyhow::Result<()> {
    let from = 1 + world.pick(world.accounts.len() - 1);
    let to = world.pick(world.accounts.len());
    let units = world.chance.random_range(1..COIN / 2);
    let transfer = Transfer {
        from: world.accounts[from],
        to: world.accounts[to],
        amount: world.amount(units),
        label: String::new(),
        allow_negative: false,
        now: world.now(),
    };
    match world.database.db.write(transfer).await {
        Ok(_) => {
            world.due[from] -= units;
            world.due[to] += units;
            Ok(())
        }
        Err(LedgerError::NotEnoughBalance { .. } | LedgerError::SameAccount) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn mine(world: &mut World) -> anyhow::Result<()> {
    let blocks = world.chance.random_range(1..3);
    Ok(world.network().mine(blocks).await?)
}

async fn reorganise(world: &mut World) -> anyhow::Result<()> {
    let depth = world.chance.random_range(1..=REORG_DEPTH_MAX);
    if world.network().status().await?.height < i64::from(depth) {
        return Ok(());
    }
    Ok(world.network().reorg(depth).await?)
}

/// Somebody outside takes an unmined payment back.
async fn double_spend(world: &mut World) -> anyhow::Result<()> {
    let which = world.pick(world.deposits.len());
    let (txid, account, amount) = world.deposits[which].clone();
    if world.network().double_spend(&txid, None).await.is_ok() {
        world.due[account] -= amount;
        world.deposits.remove(which);
    }
    Ok(())
}

async fn new_address(world: &mut World) -> anyhow::Result<()> {
    let account = world.pick(world.accounts.len());
    world.new_address(account).await
}

async fn order_failure(world: &mut World) -> anyhow::Result<()> {
    // Half of them where it matters most.
    let call = match world.chance.random_range(0..10) {
        0..5 => "send_prepared",
        5 => EVERY_CALL,
        _ => CALLS[world.pick(CALLS.len())],
    };
    let how = match world.chance.random_range(0..7) {
        0 => Failure::Refused { code: [-4, -6, -25, -26, -28][world.pick(5)] },
        1 => Failure::Unavailable,
        2 => Failure::LostReply,
        3 => Failure::NotDelivered,
        4 => Failure::Late { seconds: world.chance.random_range(1..90) },
        5 => Failure::Garbled,
        _ => Failure::Hang { seconds: 0 },
    };
    let times = world.chance.random_range(1..4);
    Ok(world.network().fail(call, how, times).await?)
}

/// Notifications come twice, late and in no order.
async fn notify_again(world: &mut World) -> anyhow::Result<()> {
    let which = world.pick(world.deposits.len());
    let txid = world.deposits[which].0.clone();
    let runner = world.pick(world.runners.len());
    // Its failing is what a scan makes good.
    let _ = world.runners[runner].notified(&txid).await;
    Ok(())
}

/// A few passes of one runner, which may die in any of them.
async fn run_jobs(world: &mut World) -> anyhow::Result<()> {
    // Mostly the one that has the lease.
    let leads = world.chance.random_bool(0.7);
    let runner = if leads { world.leader().await.unwrap_or(0) } else { world.pick(world.runners.len()) };
    for count in 0..world.chance.random_range(2..6) {
        let any = PASSES[world.pick(PASSES.len())];
        let step = if count == 0 { Step::Backend } else { any };
        let dies = world.chance.random_bool(if step == Step::Broadcast { 0.25 } else { 0.05 });
        let wakes = if dies { world.chance.random_range(1..WAKES_OF_A_PASS) } else { u32::MAX };
        let steps = &world.runners[runner];
        let work = async {
            steps.take(Step::Lease).await?;
            steps.take(step).await
        };
        // What a pass complains of is made good by a later one.
        if killed_after(wakes, work).await.is_none() {
            world.restart(runner);
            return Ok(());
        }
    }
    Ok(())
}
