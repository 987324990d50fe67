// The whole way of money on the simulated network, as an operator goes it: a wallet, an account, an address; a
// payment from outside arrives, is incoming, is credited; a withdrawal is reviewed, sent, mined, settled.
// Runs with JavaScript and without: each act is a form, and what changes is there on the next load.
import { Page } from '@playwright/test';
import { reloadUntil } from './hands';
import { expect, form, signIn, test } from './server';
import { outside } from './world';

async function simulated(page: Page, verb: string, fields: Record<string, string>): Promise<void> {
  await page.goto('/simulator');
  const order = form(page, verb);
  for (const [name, value] of Object.entries(fields)) await order.locator(`[name=${name}]`).fill(value);
  await order.getByRole('button').click();
  await expect(page.getByRole('heading', { name: 'Simulator' })).toBeVisible();
}

test('a_deposit_arrives_and_a_withdrawal_leaves', async ({ page }, info) => {
  test.setTimeout(90_000);
  await signIn(page);
  const wallet = `merchants ${info.project.name}`;

  await page.goto('/wallets');
  await form(page, 'create_wallet').getByLabel('Name').fill(wallet);
  await form(page, 'create_wallet').getByRole('button').click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(wallet);

  await form(page, 'create_account').getByLabel('Name').fill('Halden Books');
  await form(page, 'create_account').getByRole('button').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Halden Books');
  const account = new URL(page.url()).pathname;

  await form(page, 'create_address').getByRole('button').click();
  const address = (await page.locator('code.whole').first().innerText()).trim();
  expect(address).not.toBe('');

  await simulated(page, 'simulated_pay', { address, amount: '1.5' });
  await reloadUntil(page, account, async () => {
    await expect(page.locator('table.rows tbody .state').first()).toHaveText('incoming', { timeout: 100 });
  });
  const balance = page.locator('.tiles data').first();
  await expect(balance).toHaveAttribute('value', '0.00000000');

  await simulated(page, 'simulated_mine', { blocks: '3' });
  await reloadUntil(page, account, async () => {
    await expect(page.locator('table.rows tbody .state').first()).toHaveText('credited', { timeout: 100 });
  });
  await expect(balance).toHaveAttribute('value', '1.50000000');

  await page.getByRole('link', { name: 'Send', exact: true }).click();
  await page.getByRole('main').getByLabel('To address').fill('rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xsq');
  await page.getByRole('main').getByLabel('Amount').fill('2.5');
  await page.getByRole('button', { name: 'Review' }).click();
  await expect(page.getByRole('alert')).toContainText('Nothing was debited');
  await expect(page.getByRole('main').getByLabel('To address')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByRole('main').getByLabel('Amount')).toHaveAttribute('aria-invalid', 'true');

  await page.getByRole('main').getByLabel('To address').fill(outside);
  await page.getByRole('main').getByLabel('Amount').fill('0.25');
  await page.getByRole('main').getByLabel('Label').fill('Withdrawal 1');
  await page.getByRole('button', { name: 'Review' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Review this send');
  const typed = page.locator('[name=typed]');
  if (await typed.isVisible()) await typed.fill('0.25');
  // A hand that presses twice sends once: the form carries its key.
  await page.getByRole('button', { name: 'Send 0.25000000 ltc' }).dblclick();
  await expect(page).toHaveURL(/\/transactions\/\d+$/);
  await expect(page.locator('.amount-of data')).toHaveAttribute('value', '0.25000000');

  await reloadUntil(page, page.url(), async () => {
    await expect(page.locator('h1 .state')).toHaveText('broadcasted', { timeout: 100 });
  });
  await simulated(page, 'simulated_mine', { blocks: '15' });
  await reloadUntil(page, '/broadcasts', async () => {
    await expect(page.locator('table.rows tbody .state').first()).toHaveText('settled', { timeout: 100 });
  });
  await page.goto(account);
  await expect(balance).toHaveAttribute('value', '1.25000000');
  await expect(page.locator('table.rows tbody tr')).toHaveCount(2);

  await page.goto(`/transactions?state=network_fee`);
  await expect(page.locator('table.rows tbody tr').first()).toContainText('network_fee');
  await page.goto('/jobs');
  await expect(page.getByRole('row', { name: /audit/ }).first()).not.toContainText('mismatch');
});

test('a_transfer_moves_money_at_once', async ({ page }, info) => {
  await signIn(page);
  const wallet = `tips ${info.project.name}`;
  await page.goto('/wallets');
  await form(page, 'create_wallet').getByLabel('Name').fill(wallet);
  await form(page, 'create_wallet').getByRole('button').click();
  const home = page.url();
  for (const name of ['Orrin Coffee', 'Lantern Hostel']) {
    await page.goto(home);
    await form(page, 'create_account').getByLabel('Name').fill(name);
    await form(page, 'create_account').getByRole('button').click();
  }
  await page.goto(home);
  await page.getByRole('link', { name: 'Orrin Coffee' }).click();
  const account = new URL(page.url()).pathname;
  await form(page, 'create_address').getByRole('button').click();
  const address = (await page.locator('code.whole').first().innerText()).trim();
  await simulated(page, 'simulated_pay', { address, amount: '0.4' });
  await simulated(page, 'simulated_mine', { blocks: '3' });
  const balance = page.locator('.tiles data').first();
  await reloadUntil(page, account, async () => expect(balance).toHaveAttribute('value', '0.40000000', { timeout: 100 }));

  await page.getByRole('link', { name: 'Transfer' }).click();
  await page.locator('[name=to_account]').selectOption({ label: 'Lantern Hostel' });
  await page.getByRole('main').getByLabel('Amount').fill('0.1');
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByRole('button', { name: /^Transfer 0\.10000000/ }).click();
  await expect(page.locator('h1 .state')).toHaveText('internal');
  await page.goto(account);
  await expect(balance).toHaveAttribute('value', '0.30000000');
});

test('a_pending_send_can_be_cancelled', async ({ page }, info) => {
  await signIn(page);
  await page.goto('/wallets');
  await form(page, 'create_wallet').getByLabel('Name').fill(`escrow ${info.project.name}`);
  await form(page, 'create_wallet').getByRole('button').click();
  const wallet = page.url();
  await form(page, 'pause_wallet').getByRole('button').click();
  await form(page, 'create_account').getByLabel('Name').fill('Quay Street Bikes');
  await form(page, 'create_account').getByRole('button').click();
  const account = new URL(page.url()).pathname;
  await form(page, 'create_address').getByRole('button').click();
  const address = (await page.locator('code.whole').first().innerText()).trim();
  await simulated(page, 'simulated_pay', { address, amount: '1' });
  await simulated(page, 'simulated_mine', { blocks: '3' });
  const balance = page.locator('.tiles data').first();
  await reloadUntil(page, account, async () => expect(balance).toHaveAttribute('value', '1.00000000', { timeout: 100 }));

  await page.getByRole('link', { name: 'Send', exact: true }).click();
  await page.getByRole('main').getByLabel('To address').fill(outside);
  await page.getByRole('main').getByLabel('Amount').fill('0.6');
  await page.getByRole('button', { name: 'Review' }).click();
  const typed = page.locator('[name=typed]');
  if (await typed.isVisible()) await typed.fill('0.6');
  await page.getByRole('button', { name: 'Send 0.60000000 ltc' }).click();
  await expect(page.locator('h1 .state')).toHaveText('pending');
  await page.locator('summary', { hasText: 'Cancel' }).click();
  const cancel = form(page, 'cancel_transaction');
  await cancel.locator('[name=reason]').fill('asked for by the owner');
  await cancel.locator('[name=confirmed]').check();
  await cancel.getByRole('button').click();
  await expect(page.locator('h1 .state')).toHaveText('cancelled');
  await page.goto(account);
  await expect(balance).toHaveAttribute('value', '1.00000000');
  await page.goto(wallet);
  await form(page, 'resume_wallet').getByRole('button').click();
});
