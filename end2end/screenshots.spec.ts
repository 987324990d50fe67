// A picture of every page, empty and with something in the books.
import { type Page } from '@playwright/test';
import { expect, form, signIn, test } from './server';
import { shoot } from './shoot';

const outside = 'rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xs3';

async function order(page: Page, path: string, verb: string, fields: Record<string, string>): Promise<void> {
  await page.goto(path);
  for (const [name, value] of Object.entries(fields)) await form(page, verb).locator(`[name=${name}]`).fill(value);
  await form(page, verb).getByRole('button').click();
  await page.waitForLoadState();
}

async function send(page: Page, account: string, amount: string, label: string): Promise<string> {
  const draft = new URLSearchParams({ review: '1', to_address: outside, amount, label });
  await page.goto(`${account}/send?${draft}`);
  const typed = page.locator('[name=typed]');
  if (await typed.isVisible()) await typed.fill(amount);
  await page.getByRole('button', { name: `Send ${amount}` }).click();
  await expect(page).toHaveURL(/\/transactions\/\d+$/);
  return new URL(page.url()).pathname;
}

/** A life in small: deposits in every state, transfers, sends that left, wait and were cancelled. */
async function live(page: Page): Promise<{ account: string; wallet: string; sent: string; cancelled: string }> {
  await order(page, '/wallets', 'create_wallet', { name: 'merchants' });
  const wallet = new URL(page.url()).pathname;
  for (const name of ['Lantern Hostel', 'Halden Books']) await order(page, wallet, 'create_account', { name });
  const account = new URL(page.url()).pathname;
  await form(page, 'create_address').getByRole('button').click();
  const address = (await page.locator('code.whole').first().innerText()).trim();
  for (const amount of ['1.84206113', '0.05', '12.5']) {
    await order(page, '/simulator', 'simulated_pay', { address, amount });
    await order(page, '/simulator', 'simulated_mine', { blocks: '3' });
  }
  const balance = page.locator('.tiles data').first();
  await expect(async () => {
    await page.goto(account);
    await expect(balance).toHaveAttribute('value', '14.39206113', { timeout: 100 });
  }).toPass({ timeout: 20_000 });
  const sent = await send(page, account, '0.25000000', 'Withdrawal 2188');
  await expect(async () => {
    await page.reload();
    await expect(page.locator('h1 .state')).toHaveText('broadcasted', { timeout: 100 });
  }).toPass({ timeout: 20_000 });
  await order(page, '/simulator', 'simulated_mine', { blocks: '2' });
  await page.goto(wallet);
  await form(page, 'pause_wallet').getByRole('button').click();
  const cancelled = await send(page, account, '0.40000000', 'Withdrawal 2171');
  await page.locator('summary', { hasText: 'Cancel' }).click();
  await form(page, 'cancel_transaction').locator('[name=reason]').fill('asked for by the owner');
  await form(page, 'cancel_transaction').locator('[name=confirmed]').check();
  await form(page, 'cancel_transaction').getByRole('button').click();
  await send(page, account, '3.00000000', 'Withdrawal 2210');
  await order(page, '/simulator', 'simulated_pay', { address, amount: '0.0512' });
  return { account, wallet, sent, cancelled };
}

test('pictures_of_every_page', async ({ page }) => {
  test.setTimeout(300_000);
  await shoot(page, 'sign-in', '/sign-in');
  await signIn(page);
  await shoot(page, 'overview-empty', '/');
  await shoot(page, 'wallets-empty', '/wallets');
  await shoot(page, 'transactions-empty', '/transactions');
  await shoot(page, 'broadcasts-empty', '/broadcasts');
  const { account, wallet, sent, cancelled } = await live(page);
  const draft = new URLSearchParams({ review: '1', to_address: outside, amount: '0.25', label: 'Withdrawal 2211' });
  const wrong = new URLSearchParams({ review: '1', to_address: `${outside}x`, amount: '99', label: 'Withdrawal 2211' });
  const pages: Record<string, string> = {
    overview: '/', wallets: '/wallets', wallet, account, addresses: `${account}/addresses`,
    send: `${account}/send`, 'send-refused': `${account}/send?${wrong}`, 'send-review': `${account}/send?${draft}`,
    transfer: `${account}/transfer`, transactions: '/transactions', transaction: sent, 'transaction-cancelled': cancelled,
    broadcasts: '/broadcasts', jobs: '/jobs', simulator: '/simulator', 'not-found': '/nowhere',
  };
  await page.goto('/broadcasts');
  pages.broadcast = (await page.locator('table.rows tbody a[href^="/broadcasts/"]').first().getAttribute('href'))!;
  for (const [name, path] of Object.entries(pages)) await shoot(page, name, path);
});
