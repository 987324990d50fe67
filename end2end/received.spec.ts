// What an operator says about addresses and deposits in an application's place. With JavaScript and without.
import { press, pressWithoutTick } from './hands';
import { expect, form, signIn, test } from './server';
import { funded, outside } from './vetting';

test('a_deposit_is_marked_processed_once', async ({ page }) => {
  await signIn(page);
  await page.goto(await funded(page, 'merchants'));
  await page.locator('table.rows tbody a[href^="/transactions/"]').first().click();
  await expect(page.locator('h1 .state')).toHaveText('credited');
  await pressWithoutTick(page, 'mark_processed');
  await press(page, 'mark_processed', { confirmed: '1' });
  await expect(page.locator('dt', { hasText: 'Processed' })).toBeVisible();
  await expect(form(page, 'mark_processed')).toHaveCount(0);
  // A time and no state.
  await expect(page.locator('h1 .state')).toHaveText('credited');
});

test('an_address_that_can_t_be_imported_is_said_and_stays_typed', async ({ page }) => {
  await signIn(page);
  const account = await funded(page, 'tips');
  const ours = (await page.locator('code.whole').first().innerText()).trim();
  for (const [address, refusal] of [
    ['nonsense', 'Not an address that can be imported'],
    [outside, 'Not an address that can be imported'],
    [ours, 'An address of ours already'],
  ]) {
    await page.goto(`${account}/addresses`);
    await press(page, 'import_address', { address, import_label: 'found' });
    await expect(page.getByRole('alert')).toContainText(refusal);
    await expect(form(page, 'import_address').locator('[name=address]')).toHaveValue(address);
    await expect(form(page, 'import_address').locator('[name=import_label]')).toHaveValue('found');
  }
  await expect(page.locator('table.rows tbody tr')).toHaveCount(1);
});
