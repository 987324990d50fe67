// The keyboard: the skip link, the help sheet without and with JavaScript, and single keys, which rest while one types
// and can be turned off for good.
import { type Page } from '@playwright/test';
import { expect, signIn, test } from './server';

test('tab_reaches_the_content_first_and_focus_shows', async ({ page }) => {
  await signIn(page);
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to the content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#main$/);
  // From there on Tab goes through the content; whatever it reaches wears the ring.
  await page.keyboard.press('Tab');
  const focused = page.locator('main :focus');
  await expect(focused).toBeVisible();
  const outline = await focused.evaluate((element) => getComputedStyle(element).outlineStyle);
  expect(outline).toBe('solid');
});

test('the_help_sheet_opens_and_closes', async ({ page }) => {
  await signIn(page);
  const sheet = page.getByRole('dialog', { name: 'Help and keys' });
  await expect(sheet).toBeHidden();
  await page.getByRole('button', { name: 'Help and keys' }).click();
  await expect(sheet).toBeVisible();
  await expect(sheet.getByRole('button', { name: 'Close' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
});

/** Listening: then the sheet has its switch. */
async function alive(page: Page): Promise<void> {
  await expect(page.locator('#keys p:has(input[type=checkbox])')).not.toHaveAttribute('hidden', { timeout: 20_000 });
}

test('keys_lead_to_pages_and_rest_while_one_types', async ({ page, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'keys are a script');
  test.setTimeout(180_000);
  await signIn(page);
  const sheet = page.getByRole('dialog', { name: 'Help and keys' });
  const switched = sheet.getByRole('checkbox', { name: 'Keys are on' });
  await alive(page);
  await page.keyboard.press('?');
  await expect(sheet).toBeVisible();
  await page.keyboard.press('Escape');

  // Every place that the sheet lists.
  const listed = await page.locator('#keys dl > div').evaluateAll((rows) =>
    rows.map((row) => [...row.querySelectorAll('kbd')].map((key) => key.textContent!)),
  );
  const letters = listed.filter(([first]) => first === 'g').map(([, letter]) => letter);
  expect(letters.length).toBeGreaterThan(5);
  const reached = new Set<string>();
  for (const letter of letters) {
    await page.goto('/simulator');
    await alive(page);
    await page.keyboard.press('g');
    await page.keyboard.press(letter);
    await expect(page).not.toHaveURL(/simulator/, { timeout: 20_000 });
    reached.add(new URL(page.url()).pathname);
  }
  expect(reached.size).toBe(letters.length);

  await page.goto('/wallets');
  await alive(page);
  const name = page.locator('#name');
  await name.focus();
  await page.keyboard.type('g j ? /');
  await expect(name).toHaveValue('g j ? /');
  await expect(page).toHaveURL(/wallets$/);
  await expect(sheet).toBeHidden();

  // Turned off they stay off, on the next page too.
  await page.getByRole('button', { name: 'Help and keys' }).click();
  await switched.uncheck();
  await page.keyboard.press('Escape');
  await page.goto('/jobs');
  await alive(page);
  await page.keyboard.press('?');
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await expect(sheet).toBeHidden();
  await expect(page).toHaveURL(/jobs$/);
  await page.getByRole('button', { name: 'Help and keys' }).click();
  await expect(switched).not.toBeChecked();
  await switched.check();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await expect(page).toHaveURL(/:\d+\/$/);
});
