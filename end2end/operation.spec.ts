// What an operator orders beside payments, and the one thing that an admin books, by the forms of their pages: an
// address archived, a broadcast that needn't wait, a job run, the simulated network's whims, a foreign spend booked.
// On a server whose broadcasts wait for an hour, so that nothing leaves by itself. With JavaScript and without.
import { type Page } from '@playwright/test';
import { logged, press, pressWithoutTick, reloadUntil, said } from './hands';
import { officeOn } from './office';
import { operator, viewer } from './people';
import { Coffer, expect, form, signIn } from './server';
import { act } from './vetting';
import { order, send, twoCoins } from './world';

const hourly = () =>
  Coffer.start((place) => twoCoins(place).replace('broadcast_period: 1,', 'broadcast_period: 3600,'), [operator, viewer]);
const test = officeOn(hourly);

const here = (page: Page): string => new URL(page.url()).pathname;
const state = (page: Page) => page.locator('h1 .state');

/** The simulator's form of this coin. */
async function simulate(page: Page, verb: string, fields: Record<string, string> = {}, coin = 'ltc'): Promise<void> {
  await page.goto('/simulator');
  await press(page, verb, fields, network(page, coin));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Simulator');
  await expect(page.getByRole('alert')).toHaveCount(0);
}

const network = (page: Page, coin = 'ltc') => page.getByRole('region', { name: coin, exact: true });
const tile = (page: Page, name: string, coin = 'ltc') =>
  network(page, coin).locator('.tiles > div', { hasText: name }).locator('dd').first();

type Purse = { wallet: string; account: string; address: string };

/** A wallet of this name with one account and its address. */
async function purse(page: Page, name: string, coin = 'ltc'): Promise<Purse> {
  await order(page, '/wallets', 'create_wallet', { coin, name });
  const wallet = here(page);
  await press(page, 'create_account', { name: `owner of ${name}` });
  const account = here(page);
  await press(page, 'create_address', { label: `of ${name}` });
  return { wallet, account, address: (await page.locator('code.whole').first().innerText()).trim() };
}

async function holds(page: Page, account: string, amount: string): Promise<void> {
  const balance = page.locator('.tiles data').first();
  await reloadUntil(page, account, () => expect(balance).toHaveAttribute('value', amount, { timeout: 100 }));
}

async function paid(page: Page, { account, address }: Purse, amount: string, coin = 'ltc', blocks = 3): Promise<void> {
  await simulate(page, 'simulated_pay', { address, amount }, coin);
  await simulate(page, 'simulated_mine', { blocks: String(blocks) }, coin);
  await holds(page, account, amount);
}

test('an_archived_address_leaves_the_lists_and_still_receives', async ({ page, enter }) => {
  await signIn(page, operator);
  const archived = await purse(page, 'archive');
  await page.goto(`${archived.account}/addresses`);
  await page.getByRole('link', { name: 'Archive', exact: false }).and(page.locator('.button')).click();
  await expect(page).toHaveURL(/\/addresses\/\d+#archive$/);
  const address = here(page);
  await pressWithoutTick(page, 'archive_address');
  await expect(form(page, 'archive_address')).toBeVisible();
  await page.goto(`${archived.account}/addresses`);
  await expect(page.locator('table.rows tbody tr')).toHaveCount(1);

  await page.goto(address);
  await press(page, 'archive_address', { confirmed: '1' });
  await expect(page.getByText('it is in no list of addresses in use')).toBeVisible();
  await expect(form(page, 'archive_address')).toHaveCount(0);
  await page.goto(`${archived.account}/addresses`);
  await expect(page.getByText('No address yet.')).toBeVisible();
  await page.goto(`${archived.account}/addresses?archived=1`);
  await expect(page.locator('table.rows tbody tr')).toContainText('of archive');
  await paid(page, archived, '0.30000000');
  const ada = await enter();
  await expect(await logged(ada, operator.name, 'address.archive')).toContainText('done');
});

test('a_transfer_and_a_broadcast_that_needn_t_wait', async ({ page, enter }) => {
  test.setTimeout(120_000);
  await signIn(page, operator);
  const from = await purse(page, 'hurry');
  await paid(page, from, '2.00000000');
  await order(page, from.wallet, 'create_account', { name: 'savings' });
  const savings = here(page);
  const query = { review: '1', amount: '0.5', to_account: savings.split('/').pop()! };
  await page.goto(`${from.account}/transfer?${new URLSearchParams(query)}`);
  await press(page, 'transfer');
  await expect(state(page)).toHaveText('internal');
  await holds(page, savings, '0.50000000');

  // Nothing waits yet.
  await page.goto(from.wallet);
  await expect(form(page, 'broadcast_now')).toHaveCount(0);
  const sent = await send(page, from.account, '0.25', 'in a hurry');
  await expect(state(page)).toHaveText('pending');
  // Others watch it wait.
  const vera = await enter(viewer);
  await vera.goto(from.wallet);
  await expect(form(vera, 'broadcast_now')).toHaveCount(0);
  // What a wallet holds back isn't hurried.
  await order(page, from.wallet, 'pause_wallet');
  await expect(form(page, 'broadcast_now')).toHaveCount(0);
  await press(page, 'resume_wallet');
  await page.goto(sent);
  await expect(state(page)).toHaveText('pending');

  await order(page, from.wallet, 'broadcast_now');
  await expect(said(page)).toContainText('Broadcast now is asked for');
  await reloadUntil(page, sent, () => expect(state(page)).toHaveText('broadcasted', { timeout: 100 }));
  await page.goto(from.wallet);
  await expect(form(page, 'broadcast_now')).toHaveCount(0);
  const ada = await enter();
  await expect(await logged(ada, operator.name, 'wallet.broadcast_now')).toContainText('done');

  // It waits for its first block: a higher fee is a second version of it.
  await page.goto(sent);
  const broadcast = (await page.locator('dd a[href^="/broadcasts/"]').first().getAttribute('href'))!;
  await page.goto(broadcast);
  const versions = page.getByRole('region', { name: 'Signed versions' }).locator('tbody tr');
  await expect(versions).toHaveCount(1);
  const bump = act(page, 'bump');
  await expect(bump).toHaveAttribute('action', '/act/vet_broadcast');
  await bump.locator('[name=reason]').fill('the shop waits');
  await bump.getByRole('button').click();
  await expect(page.getByRole('row', { name: /^bump/ })).toContainText('the shop waits');
  // Its job is an hour away here; what was decided wakes it.
  await reloadUntil(page, broadcast, () => expect(versions).toHaveCount(2, { timeout: 100 }));
});

test('a_job_is_run_now', async ({ page, enter }) => {
  await signIn(page, operator);
  const audit = page.getByRole('row', { name: /^audit/ }).first();
  const lastRun = async () => (await audit.locator('time').first().getAttribute('datetime'))!;
  await reloadUntil(page, '/jobs', () => expect(audit).toContainText('waiting', { timeout: 100 }));
  const before = await lastRun();
  // By itself it runs every five minutes.
  await press(page, 'run_job', {}, audit);
  await expect(page).toHaveURL(/\/jobs$/);
  await reloadUntil(page, '/jobs', async () => expect(Date.parse(await lastRun())).toBeGreaterThan(Date.parse(before)));
  const vera = await enter(viewer);
  await vera.goto('/jobs');
  await expect(vera.getByRole('row', { name: /^audit/ }).first()).toBeVisible();
  await expect(form(vera, 'run_job')).toHaveCount(0);
  const ada = await enter();
  await expect(await logged(ada, operator.name, 'job.run')).toContainText('audit');
});

test('the_simulated_network_fails_and_reorganises_and_restarts_as_ordered', async ({ page, enter }) => {
  test.setTimeout(120_000);
  await signIn(page, operator);
  const whims = await purse(page, 'whims');

  await test.step('a failure strikes once', async () => {
    await simulate(page, 'simulated_fail', { call: 'new_address', how: 'refused', times: '1' });
    await expect(tile(page, 'Failures to come')).toHaveText('1');
    await order(page, whims.account, 'create_address', { label: 'of no avail' });
    await expect(page.getByRole('alert')).toBeVisible();
    await expect(form(page, 'create_address').locator('[name=label]')).toHaveValue('of no avail');
    await page.goto('/simulator');
    await expect(tile(page, 'Failures to come')).toHaveText('0');
    await order(page, whims.account, 'create_address', { label: 'at last' });
    await expect(said(page)).toContainText('A new address');
    // And is taken back before it strikes.
    await simulate(page, 'simulated_fail', { call: 'new_address', how: 'unavailable', times: '3' });
    await expect(tile(page, 'Failures to come')).not.toHaveText('0');
    await simulate(page, 'simulated_fail', { call: 'new_address', how: 'unavailable', times: '0' });
    await expect(tile(page, 'Failures to come')).toHaveText('0');
  });

  await test.step('a confirmed payment waits again when its block loses', async () => {
    // Whatever else waits stands in another block.
    await simulate(page, 'simulated_mine', { blocks: '1' });
    await simulate(page, 'simulated_pay', { address: whims.address, amount: '0.7' });
    const txid = (await said(page).locator('code').innerText()).trim();
    await simulate(page, 'simulated_mine', { blocks: '1' });
    const deposit = page.locator('table.rows tbody tr').first();
    await reloadUntil(page, whims.account, () => expect(deposit).toContainText('1 of 3', { timeout: 100 }));
    await page.goto('/simulator');
    const height = Number((await tile(page, 'Height').innerText()).replace(/\D/g, ''));
    await simulate(page, 'simulated_reorganise', { depth: '1' });
    // The branch that wins is longer, and holds nothing.
    expect(Number((await tile(page, 'Height').innerText()).replace(/\D/g, ''))).toBeGreaterThan(height);
    await expect(tile(page, 'Memory pool')).toHaveText('1');
    await reloadUntil(page, whims.account, () => expect(deposit).toContainText('0 of 3', { timeout: 100 }));

    await simulate(page, 'simulated_mine', { blocks: '1' });
    await simulate(page, 'simulated_reorganise', { depth: '1', txid });
    // Spent elsewhere, it never comes: that is what deposits without confirmations aren't credited for.
    await reloadUntil(page, whims.account, () => expect(deposit).toContainText('conflicted', { timeout: 100 }));
    await holds(page, whims.account, '0.00000000');
  });

  await test.step('a restart', async () => {
    await simulate(page, 'simulated_restart');
    // It is back, with all that it knew.
    await paid(page, { ...whims }, '0.20000000');
  });

  const ada = await enter();
  for (const action of ['fail', 'reorganise', 'restart']) {
    await expect(await logged(ada, operator.name, `simulated.${action}`)).toContainText('done');
  }
});

test('a_spend_behind_coffer_is_booked_by_an_admin', async ({ page, enter }) => {
  await signIn(page, operator);
  const robbed = await purse(page, 'robbed', 'doge');
  await paid(page, robbed, '420.00000000', 'doge', 6);
  await simulate(page, 'simulated_spend', { address: robbed.address, amount: '17' }, 'doge');
  const link = page.locator('.needs a[href^="/foreign-spends/"]');
  await reloadUntil(page, '/', () => expect(link).toBeVisible({ timeout: 100 }));
  const spend = (await link.getAttribute('href'))!;
  await page.goto(spend);
  await expect(page.getByText('Booking it needs the role admin.')).toBeVisible();
  await expect(form(page, 'adjust')).toHaveCount(0);

  const ada = await enter();
  await ada.goto(spend);
  const account = robbed.account.split('/').pop()!;
  await pressWithoutTick(ada, 'adjust', { account, reason: 'paid by hand, see ticket 7' });
  await expect(form(ada, 'adjust').locator('[name=account]')).toHaveValue(account);
  await expect(form(ada, 'adjust').locator('[name=reason]')).toHaveValue('paid by hand, see ticket 7');
  await holds(ada, robbed.account, '420.00000000');

  await ada.goto(spend);
  const taken = (await ada.locator('.amount-of data').getAttribute('value'))!;
  await press(ada, 'adjust', { account, reason: 'paid by hand, see ticket 7', confirmed: '1' });
  await expect(state(ada)).toHaveText('adjustment');
  await expect(ada.getByText('paid by hand, see ticket 7').first()).toBeVisible();
  await ada.goto(spend);
  await expect(ada.getByText('It is booked')).toBeVisible();
  await expect(form(ada, 'adjust')).toHaveCount(0);
  // What left, fee included; no float is precise enough.
  const left = 420n * 10n ** 8n - BigInt(taken.replace('.', ''));
  await holds(ada, robbed.account, String(left).replace(/(\d{8})$/, '.$1'));
  await ada.goto('/');
  await expect(ada.locator('.needs a[href^="/foreign-spends/"]')).toHaveCount(0);
  await expect(await logged(ada, 'ada', 'account.adjust')).toContainText('done');
});
