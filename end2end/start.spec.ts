// The server stands, and asks a stranger who they are.
import { expect, test } from './server';

test('every_page_asks_a_stranger_to_sign_in', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByLabel('Password')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
});
