// The server stands, asks a stranger who they are, and brings its browser half.
import { expect, test } from './server';

test('a_stranger_is_asked_to_sign_in', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByLabel('Password')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
});

test('the_browser_half_loads_and_may_be_kept_for_ever', async ({ page, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'nothing to load');
  const loaded = page.waitForResponse((response) => response.url().endsWith('.wasm'));
  await page.goto('/sign-in');
  const wasm = await loaded;
  expect(wasm.status()).toBe(200);
  expect(wasm.headers()['cache-control']).toContain('immutable');
  // The name holds a hash of the content.
  expect(wasm.url()).toMatch(/\/pkg\/coffer\.[\w-]{22}\.wasm$/);
  await page.waitForLoadState('networkidle');
});
