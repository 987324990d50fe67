// Where the configuration asks for it, who orders money to move says once more who they are: nothing moves before, and
// what they typed into the form is still there after. With JavaScript and without.
import { isAtTheDoor, logged, press, reloadUntil } from './hands';
import { officeOn } from './office';
import { operator } from './people';
import { Coffer, expect, form, signIn, simulated } from './server';
import { order, send, sendPath } from './world';

// A minute is the shortest that it knows.
const asking = () => Coffer.start((place) => simulated(place).replace('web: {', 'web: { step_up_minutes: 1,'), [operator]);
const test = officeOn(asking);

test('a_send_asks_who_sits_there_once_their_proof_is_old', async ({ page, enter }) => {
  test.setTimeout(180_000);
  // Nobody comes to it from outside.
  await isAtTheDoor(page);
  await signIn(page, operator);
  await order(page, '/wallets', 'create_wallet', { name: 'merchants' });
  await press(page, 'create_account', { name: 'Halden Books' });
  const account = new URL(page.url()).pathname;
  await press(page, 'create_address');
  const address = (await page.locator('code.whole').first().innerText()).trim();
  await order(page, '/simulator', 'simulated_pay', { address, amount: '3' });
  await order(page, '/simulator', 'simulated_mine', { blocks: '3' });
  const balance = page.locator('.tiles data').first();
  await reloadUntil(page, account, () => expect(balance).toHaveAttribute('value', '3.00000000', { timeout: 100 }));
  // A moment after a proof nothing else is asked for. (Once sent there, its address isn't new any more, and the next review
  // needn't ask for the amount.)
  await page.goto('/step-up');
  await press(page, 'step_up', { typed: operator.password });
  await expect(page).toHaveURL(/\/$/);
  await send(page, account, '0.25', 'rent');

  // Nothing but time makes a proof old.
  const proven = Date.now();
  await expect.poll(() => Date.now() - proven, { timeout: 70_000, intervals: [1_000] }).toBeGreaterThan(61_000);
  await page.goto(sendPath(account, '0.5', 'rent & more'));
  await press(page, 'send');
  await expect(page).toHaveURL(/\/step-up\?next=/);
  await expect(page.getByText('Nothing was done yet.')).toBeVisible();
  await press(page, 'step_up', { typed: 'not what it was' });
  await expect(page.getByRole('alert')).toContainText('This isn’t your password.');
  await expect(form(page, 'step_up').locator('[name=typed]')).toHaveValue('');

  // It orders nothing by itself: it leads back to the review as it was.
  await press(page, 'step_up', { typed: operator.password });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Review this send');
  await expect(form(page, 'send').locator('[name=amount]')).toHaveValue('0.5');
  await expect(form(page, 'send').locator('[name=label]')).toHaveValue('rent & more');
  const review = page.url();
  await page.goto('/transactions?label=rent+%26+more');
  await expect(page.locator('table.rows tbody tr')).toHaveCount(0);
  await page.goto(review);
  await press(page, 'send');
  await expect(page).toHaveURL(/\/transactions\/\d+$/);
  await expect(page.locator('.amount-of data')).toHaveAttribute('value', '0.50000000');

  const ada = await enter();
  await expect(await logged(ada, operator.name, 'step_up')).toContainText('done');
  await expect(ada.locator('table.rows tbody tr', { hasText: 'wrong password' })).toHaveCount(1);
  await logged(ada, operator.name, 'send');
  await expect(ada.locator('table.rows tbody tr', { hasText: 'step up needed' })).toHaveCount(1);
});
