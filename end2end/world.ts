// A life in small, made through the pages as an operator makes it: two coins, deposits in every state, transfers, sends
// that left, wait and were cancelled, a foreign spend that waits for an admin. Specs that look at all pages start here.
import { type Browser, type Page } from '@playwright/test';
import { press, reloadUntil } from './hands';
import { admin, colleague, operator, viewer } from './people';
import { Coffer, complaintsOf, expect, form, signIn, simulated, test as base } from './server';

export const outside = 'rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xs3';

/** Two coins, so that lists mix them; the second is there to be spent behind Coffer's back. */
export function twoCoins(place: Parameters<typeof simulated>[0]): string {
  return `${simulated(place).trimEnd()}
  doge:
    network: regtest
    low_hot_wallet: "1000"
    backend: { class: simulated, block_seconds: 0 }
`;
}

/** Paths of what was made. */
export type World = {
  wallet: string;
  /** An account that has seen everything, and its address. */
  account: string;
  address: string;
  /** One without money or movement. */
  empty: string;
  fees: string;
  sent: string;
  cancelled: string;
  pending: string;
  deposit: string;
  broadcast: string;
  foreignSpend: string;
};

/** Gives an order by its form on this page. */
export async function order(page: Page, path: string, verb: string, fields: Record<string, string> = {}): Promise<void> {
  await page.goto(path);
  await press(page, verb, fields);
}

export function sendPath(account: string, amount: string, label = '', to = outside): string {
  return `${account}/send?${new URLSearchParams({ review: '1', to_address: to, amount, label })}`;
}

/** Sends outside; the path of the transaction. */
export async function send(page: Page, account: string, amount: string, label: string): Promise<string> {
  await page.goto(sendPath(account, amount, label));
  const typed = page.locator('[name=typed]');
  if (await typed.isVisible()) await typed.fill(amount);
  await form(page, 'send').getByRole('button', { name: `Send ${amount}` }).click();
  await expect(page).toHaveURL(/\/transactions\/\d+$/);
  return new URL(page.url()).pathname;
}

const here = (page: Page): string => new URL(page.url()).pathname;

async function newAccount(page: Page, wallet: string, name: string): Promise<string> {
  await order(page, wallet, 'create_account', { name });
  return here(page);
}

async function newAddress(page: Page, account: string): Promise<string> {
  await order(page, account, 'create_address');
  return (await page.locator('code.whole').first().innerText()).trim();
}

/** Forms of the second coin stand beneath those of the first. */
async function simulate(page: Page, coin: string, verb: string, fields: Record<string, string>): Promise<void> {
  await page.goto('/simulator');
  const ordered = page.locator(`form[action^="/act/simulated_${verb}"]:has(input[name=coin][value=${coin}])`);
  for (const [name, value] of Object.entries(fields)) await ordered.locator(`[name=${name}]`).fill(value);
  await ordered.getByRole('button').click();
  await expect(page.getByRole('heading', { name: 'Simulator' })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
}

async function holds(page: Page, account: string, amount: string): Promise<void> {
  const balance = page.locator('.tiles data').first();
  await reloadUntil(page, account, () => expect(balance).toHaveAttribute('value', amount, { timeout: 100 }));
}

/** Deposits, sends and a transfer of litecoin. */
async function litecoin(page: Page): Promise<Omit<World, 'foreignSpend'>> {
  await order(page, '/wallets', 'create_wallet', { coin: 'ltc', name: 'merchants' });
  const wallet = here(page);
  const empty = await newAccount(page, wallet, 'Lantern Hostel');
  const account = await newAccount(page, wallet, 'Halden Books');
  const address = await newAddress(page, account);
  for (const amount of ['1.84206113', '0.05', '12.5']) {
    await simulate(page, 'ltc', 'pay', { address, amount });
    await simulate(page, 'ltc', 'mine', { blocks: '3' });
  }
  await holds(page, account, '14.39206113');
  const deposit = (await page.locator('table.rows tbody a[href^="/transactions/"]').first().getAttribute('href'))!;
  const sent = await send(page, account, '0.25000000', 'Withdrawal 2188');
  await reloadUntil(page, sent, () =>
    expect(page.locator('h1 .state')).toHaveText('broadcasted', { timeout: 100 }),
  );
  const broadcast = (await page.locator('dd a[href^="/broadcasts/"]').first().getAttribute('href'))!;
  await simulate(page, 'ltc', 'mine', { blocks: '2' });
  await order(page, wallet, 'pause_wallet');
  const fees = (await page.getByRole('link', { name: 'Network fees' }).getAttribute('href'))!;
  const cancelled = await send(page, account, '0.40000000', 'Withdrawal 2171');
  await page.locator('summary', { hasText: 'Cancel' }).click();
  await form(page, 'cancel_transaction').locator('[name=reason]').fill('asked for by the owner');
  await form(page, 'cancel_transaction').locator('[name=confirmed]').check();
  await form(page, 'cancel_transaction').getByRole('button').click();
  await expect(page.locator('h1 .state')).toHaveText('cancelled');
  const pending = await send(page, account, '3.00000000', 'Withdrawal 2210');
  await simulate(page, 'ltc', 'pay', { address, amount: '0.0512' });
  return { wallet, account, address, empty, fees, sent, cancelled, pending, deposit, broadcast };
}

/** Dogecoin that another program spends. */
async function dogecoin(page: Page): Promise<string> {
  await order(page, '/wallets', 'create_wallet', { coin: 'doge', name: 'tips' });
  const account = await newAccount(page, here(page), 'Quay Street Bikes');
  const address = await newAddress(page, account);
  await simulate(page, 'doge', 'pay', { address, amount: '420' });
  await simulate(page, 'doge', 'mine', { blocks: '6' });
  await holds(page, account, '420.00000000');
  await simulate(page, 'doge', 'spend', { address, amount: '17' });
  const link = page.locator('.needs a[href^="/foreign-spends/"]');
  await reloadUntil(page, '/', () => expect(link).toBeVisible({ timeout: 100 }));
  return (await link.getAttribute('href'))!;
}

async function made(browser: Browser, coffer: Coffer): Promise<World> {
  const context = await browser.newContext({ baseURL: coffer.url, javaScriptEnabled: false });
  const complaints = await complaintsOf(context);
  const page = await context.newPage();
  await signIn(page);
  const world = { ...(await litecoin(page)), foreignSpend: await dogecoin(page) };
  expect(complaints, 'what pages complained of').toEqual([]);
  await context.close();
  return world;
}

/** Specs on one server that has lived; they must leave it as it is, but for what they add. */
export const test = base.extend<object, { coffer: Coffer; world: World }>({
  coffer: [
    async ({}, use) => {
      const coffer = await Coffer.start(twoCoins, [operator, colleague, viewer]);
      await use(coffer);
      await coffer.remove();
    },
    { scope: 'worker' },
  ],
  world: [
    async ({ browser, coffer }, use) => {
      await use(await made(browser, coffer));
    },
    { scope: 'worker', timeout: 300_000 },
  ],
});

export { admin, expect };
