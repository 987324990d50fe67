// A server whose broadcasts are one call each, as with a daemon that can't prepare, and what the specs of vetting do on it.
import { type Locator, type Page } from '@playwright/test';
import { reloadUntil } from './hands';
import { Coffer, expect, simulated, test as base } from './server';
import { order, outside } from './world';

export { order, outside };

export const test = base.extend<object, { coffer: Coffer }>({
  coffer: [
    async ({}, use) => {
      // As a daemon that can't prepare: every broadcast is one call.
      const never = '\n    broadcast: { prepared: never }\n    backend:';
      const coffer = await Coffer.start((place) => simulated(place).replace('\n    backend:', never));
      await use(coffer);
      await coffer.remove();
    },
    { scope: 'worker' },
  ],
});

export const state = (page: Page): Locator => page.locator('h1 .state');

/** A wallet with an account that holds 2 ltc; answers the account's path. */
export async function funded(page: Page, wallet: string): Promise<string> {
  await order(page, '/wallets', 'create_wallet', { name: wallet });
  await order(page, new URL(page.url()).pathname, 'create_account', { name: `owner of ${wallet}` });
  const account = new URL(page.url()).pathname;
  await order(page, account, 'create_address');
  const address = (await page.locator('code.whole').first().innerText()).trim();
  await order(page, '/simulator', 'simulated_pay', { address, amount: '2' });
  await order(page, '/simulator', 'simulated_mine', { blocks: '3' });
  await reloadUntil(page, account, () => holds(page, '2.00000000'));
  return account;
}

export async function holds(page: Page, amount: string): Promise<void> {
  await expect(page.locator('.tiles data').first()).toHaveAttribute('value', amount, { timeout: 100 });
}

/** Sends and answers the path of the broadcast, once that has come to the state `wanted`. */
export async function broadcastOf(page: Page, account: string, wanted: string, amount = '0.5'): Promise<string> {
  await page.goto(`${account}/send?${new URLSearchParams({ review: '1', to_address: outside, amount })}`);
  const typed = page.locator('[name=typed]');
  if (await typed.isVisible()) await typed.fill(amount);
  await page.getByRole('button', { name: `Send ${amount}` }).click();
  await expect(page).toHaveURL(/\/transactions\/\d+$/);
  const transaction = new URL(page.url()).pathname;
  const link = page.locator('dd a[href^="/broadcasts/"]');
  await reloadUntil(page, transaction, () => expect(link).toBeVisible({ timeout: 100 }));
  const broadcast = (await link.getAttribute('href'))!;
  await reloadUntil(page, broadcast, () => expect(state(page)).toHaveText(wanted, { timeout: 100 }));
  return broadcast;
}

export async function fails(page: Page, how: string): Promise<void> {
  await order(page, '/simulator', 'simulated_fail', { call: 'send_many', how, times: '1' });
}

/** The form of one act on the page of a broadcast; a refused act has none. */
export function act(page: Page, name: string): Locator {
  return page.locator(`form:has(input[name=act][value=${name}])`);
}
