// The search box: a form without scripts; with them the best hits as one types, worked by the keyboard alone. And the
// days of a filter, which are the viewer's.
import { expect, form, signIn, test } from './server';

test('hits_are_found_and_opened_by_keyboard_alone', async ({ page, javaScriptEnabled }) => {
  await signIn(page);
  await page.goto('/wallets');
  await form(page, 'create_wallet').locator('[name=name]').fill('search');
  await form(page, 'create_wallet').getByRole('button').click();
  await page.waitForURL(/\/wallets\/\d+/);
  await form(page, 'create_account').locator('[name=name]').fill('Lantern Hostel');
  await form(page, 'create_account').getByRole('button').click();
  await page.waitForURL(/\/accounts\/\d+/);
  const account = new URL(page.url()).pathname;
  await page.goto('/transactions');
  const field = page.locator('form.find input[name=q]');
  if (javaScriptEnabled === false) {
    await field.fill('lantern');
    await field.press('Enter');
    await expect(page).toHaveURL(/\/find\?q=lantern/);
    await page.locator('#hits').getByRole('link', { name: /Lantern Hostel/ }).click();
    await expect(page).toHaveURL(new RegExp(`${account}$`));
    return;
  }
  await expect(field).toHaveAttribute('role', 'combobox');
  await field.pressSequentially('lantern');
  const hit = page.getByRole('option', { name: /Lantern Hostel/ });
  await expect(hit).toBeVisible();
  await expect(page.locator('#found-said')).toHaveText('1 hit.');
  await expect(field).toHaveAttribute('aria-expanded', 'true');
  await field.press('Escape');
  await expect(hit).toBeHidden();
  await expect(field).toHaveValue('lantern');
  await field.press('ArrowDown');
  await expect(hit).toBeVisible();
  await field.press('ArrowDown');
  await expect(hit).toHaveAttribute('aria-selected', 'true');
  await expect(field).toHaveAttribute('aria-activedescendant', (await hit.getAttribute('id'))!);
  await field.press('Enter');
  await expect(page).toHaveURL(new RegExp(`${account}$`));
});

test.describe('in Auckland', () => {
  test.use({ timezoneId: 'Pacific/Auckland' });

  test('the_days_of_a_filter_are_the_viewers', async ({ page, javaScriptEnabled }) => {
    await signIn(page);
    await page.goto('/transactions');
    const zone = javaScriptEnabled === false ? 'UTC' : 'Pacific/Auckland';
    await expect(page.getByRole('group', { name: /^Day/ })).toContainText(`(${zone})`);
    await page.getByLabel('From day').fill('2026-09-27');
    await page.getByRole('button', { name: 'Filter' }).click();
    await expect(page).toHaveURL(/from=2026-09-27/);
    const asked = new URL(page.url()).searchParams.get('zone') ?? '';
    expect(asked).toBe(javaScriptEnabled === false ? '' : zone);
    await expect(page.getByRole('group', { name: /^Day/ })).toContainText(`(${zone})`);
  });
});
