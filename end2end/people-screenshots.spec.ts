// Pictures of the pages about people, as screenshots.spec.ts makes them of all other pages.
import { type Page } from '@playwright/test';
import { expect, form, signIn, test } from './server';
import { shoot } from './shoot';
import { code } from './totp';

const password = 'correct horse battery staple';

/** What shows once can't be opened again for each width and scheme. */
async function shootOnce(page: Page, name: string): Promise<void> {
  for (const width of [1440, 390]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `../screenshots/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
  }
}

test('pictures_of_people', async ({ page, browser, coffer }) => {
  test.setTimeout(180_000);
  await coffer.command(['user', 'add', 'vera', '--role', 'viewer'], `${password}\n`);
  await coffer.command(['user', 'add', 'olga', '--role', 'operator'], `${password}\n`);
  await coffer.command(['user', 'disable', 'olga']);
  const elsewhere = await browser.newPage({ baseURL: coffer.url });
  await signIn(elsewhere);
  await signIn(page);

  await page.goto('/users');
  await form(page, 'add_user').locator('[name=name]').fill('bo');
  await form(page, 'add_user').getByRole('button').click();
  await expect(page.locator('.notice code')).toBeVisible();
  await shootOnce(page, 'user-made');
  const made = new URL(page.url()).pathname;
  await page.goto(made);
  await page.locator('summary', { hasText: 'Reset the password' }).click();
  await page.locator('summary', { hasText: 'Change the role' }).click();
  await page.locator('summary', { hasText: 'Disable' }).click();
  await shootOnce(page, 'user-acts');
  await page.goto('/users');
  await page.getByRole('link', { name: 'ada', exact: true }).first().click();
  await shoot(page, 'user', new URL(page.url()).pathname);
  await shoot(page, 'users', '/users');
  await shoot(page, 'users-refused', '/users?name=vera&role=viewer&refused=name_taken');
  await shoot(page, 'profile', '/profile');
  await shoot(page, 'password', '/profile/password?refused=wrong_password');
  await shoot(page, 'step-up', '/step-up?next=/');

  await shoot(page, 'second-factor-off', '/profile/second-factor');
  await form(page, 'offer_second_factor').locator('[name=password]').fill(password);
  await form(page, 'offer_second_factor').getByRole('button').click();
  await shoot(page, 'second-factor-offered', '/profile/second-factor');
  await page.locator('[name=code]').fill(code(await page.locator('code.whole').first().innerText()));
  await page.getByRole('button', { name: 'Turn it on' }).click();
  await expect(page.locator('.notice li')).toHaveCount(10);
  await shootOnce(page, 'second-factor-codes');
  await shoot(page, 'second-factor-on', '/profile/second-factor?act=codes');
  await elsewhere.goto('/sign-in');
  await elsewhere.getByLabel('User name').fill('ada');
  await elsewhere.getByLabel('Password').fill(password);
  await elsewhere.getByRole('button', { name: 'Sign in' }).click();
  await elsewhere.getByLabel('Code').fill('000000');
  await elsewhere.getByRole('button', { name: 'Sign in' }).click();
  await expect(elsewhere.getByRole('alert')).toBeVisible();
  await shootOnce(elsewhere, 'sign-in-code');
});
