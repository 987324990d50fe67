// One account's page: what it holds and what is on its way, its balance over time, and asking for a payment.
import { operator } from './people';
import { signIn } from './server';
import { expect, test } from './world';

test('an_account_says_what_it_holds_and_what_is_on_its_way', async ({ page, world }) => {
  await signIn(page, operator);
  await page.goto(world.account);
  const tile = (name: string) => page.locator('.tiles > div', { hasText: name });
  await expect(tile('Unconfirmed in')).toContainText('1 deposit, 0 of 3 confirmations');
  await expect(tile('Pending out').locator('data')).toHaveAttribute('value', '3.00000000');
  await expect(tile('Pending out')).toContainText('1 send, debited, not broadcasted yet');
});

test('a_balance_over_time_is_drawn_said_and_listed', async ({ page, world }) => {
  await signIn(page, operator);
  await page.goto(world.account);
  const balance = (await page.locator('.tiles data').first().getAttribute('value'))!;
  const drawing = page.locator('.chart svg');
  await expect(drawing).toHaveAccessibleName(new RegExp(`^Balance of the last 30 days: from 0.00000000 to ${balance.replace('.', '\\.')} ltc, highest 14.39206113 on `));
  await expect(page.locator('.chart .line')).toHaveAttribute('d', /^M0 \d+(\.\d)?(H[\d.]+V[\d.]+)+$/);
  await page.locator('.chart summary').click();
  const rows = page.locator('.chart table tbody tr');
  await expect(rows.first().locator('data')).toHaveAttribute('value', balance);
  await expect(rows.last().locator('data')).toHaveAttribute('value', '0.00000000');
  for (const [link, said] of [['24h', '24 hours'], ['7d', '7 days'], ['90d', '90 days'], ['1y', 'year'], ['30d', '30 days']]) {
    await page.locator('.spans').getByRole('link', { name: link }).click();
    await expect(page.getByRole('heading', { name: `Balance, last ${said}` })).toBeVisible();
    await expect(page.locator('.spans [aria-current]')).toHaveText(new RegExp(`^${link}`));
    await expect(page).toHaveURL(new RegExp(`range=${link}`));
  }
});

test('a_payment_uri_asks_for_an_amount', async ({ page, world }) => {
  await signIn(page, operator);
  await page.goto(world.account);
  await page.locator('summary', { hasText: 'Payment URI' }).click();
  await page.getByLabel('Ask for an amount').fill('0.5');
  await page.getByLabel('Who is paid').fill('Halden Books');
  await page.getByRole('button', { name: 'Put it into the code' }).click();
  const uri = `litecoin:${world.address}?amount=0.50000000&label=Halden%20Books`;
  await expect(page.locator('details code.whole')).toHaveText(uri);
  await expect(page.locator('.qr svg')).toHaveAccessibleName(`QR code of ${uri}`);
  await page.getByLabel('Ask for an amount').fill('half');
  await page.getByRole('button', { name: 'Put it into the code' }).click();
  await expect(page.getByLabel('Ask for an amount')).toHaveValue('half');
  await expect(page.getByLabel('Ask for an amount')).toHaveAttribute('aria-invalid', 'true');
});

test('the_overview_says_how_far_each_node_is_and_which_wallet_is_low', async ({ page, world: _ }) => {
  await signIn(page, operator);
  const coin = page.getByRole('row', { name: /^ltc/ });
  await expect(coin).toContainText(/\d+ (s|min|h) old/);
  await expect(page.locator('.needs li', { hasText: 'The hot wallet of doge is low.' })).toContainText('1000.00000000 doge at least');
});
