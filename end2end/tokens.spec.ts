// A token for a program, as an admin makes and revokes it by the forms of its page: its secret is shown once, works at
// once, and opens nothing any more a moment after it was revoked. With JavaScript and without.
import { logged, press, said } from './hands';
import { admin } from './people';
import { expect, form, signIn, test } from './server';

test('a_token_shows_its_secret_once_and_is_revoked_after_one_more_question', async ({ page, coffer }) => {
  // As its program asks: no cookie, the token alone.
  const answer = async (secret: string, path = '/api/v1/wallets') =>
    (await fetch(`${coffer.url}${path}`, { headers: { authorization: `Bearer ${secret}` } })).status;
  await signIn(page, admin);

  await page.goto('/tokens');
  await press(page, 'create_token', { name: 'shop', networks: '127.0.0.0/8', days: '30' });
  await expect(page.getByText('Choose at least one scope.')).toBeVisible();
  for (const [name, value] of [['name', 'shop'], ['networks', '127.0.0.0/8'], ['days', '30']]) {
    await expect(form(page, 'create_token').locator(`[name=${name}]`)).toHaveValue(value);
  }
  await press(page, 'create_token', { scope_read: '1', days: '0' });
  await expect(page.getByText('Write a whole number of days from 1 to 3650, or nothing.')).toBeVisible();
  await expect(form(page, 'create_token').locator('[name=scope_read]')).toBeChecked();
  await expect(page.getByText('Programs can’t use the JSON API until one is made.')).toBeVisible();

  await press(page, 'create_token', { days: '30' });
  await expect(said(page)).toContainText('The token’s secret, shown this once');
  const secret = (await said(page).locator('code.whole').innerText()).trim();
  expect(secret.length).toBeGreaterThanOrEqual(32);
  expect(page.url()).not.toContain(secret);
  const row = page.getByRole('row', { name: /^shop/ });
  await expect(row).toContainText('from 127.0.0.0/8');
  await expect(row).toContainText('never');
  await page.reload();
  await expect(row).toBeVisible();
  expect(await page.content()).not.toContain(secret);

  expect(await answer(secret)).toBe(200);
  expect(await answer(`${secret}x`)).toBe(401);
  // Its scopes are what it may do: it reads, and users are no affair of who reads.
  expect(await answer(secret, '/api/v1/users')).toBe(403);
  await page.reload();
  await expect(row).not.toContainText('never');

  await row.getByRole('link', { name: 'Revoke shop' }).click();
  await expect(page.getByRole('heading', { name: 'Revoke shop?' })).toBeVisible();
  await page.getByRole('link', { name: 'Keep it' }).click();
  await expect(row).toBeVisible();
  expect(await answer(secret)).toBe(200);
  await row.getByRole('link', { name: 'Revoke shop' }).click();
  await press(page, 'revoke_token');
  await expect(said(page)).toContainText('shop was revoked');
  await expect(row).toHaveCount(0);
  expect(await answer(secret)).toBe(401);

  await expect(await logged(page, admin.name, 'token.create')).toContainText('shop');
  await expect(await logged(page, admin.name, 'token.revoke')).toContainText('shop');
});
