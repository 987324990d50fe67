// What an admin does for and against others, by the forms of the users' pages, and what it is to those: who may come
// in, as what, and who is out at once. With JavaScript and without.
import { type Page } from '@playwright/test';
import { isAtTheDoor, isRefusedAtTheDoor, logged, press, pressWithoutTick, said } from './hands';
import { test } from './office';
import { admin, type Person } from './people';
import { expect, form, knock, signIn } from './server';
import { code } from './totp';

/** The page of somebody, by the list of users. */
async function lookUp(page: Page, { name }: Pick<Person, 'name'>): Promise<void> {
  await page.goto('/users');
  await page.getByRole('row', { name }).getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(name);
}

const row = (page: Page, { name }: Person) => page.getByRole('row', { name });

test('an_added_user_comes_in_by_a_password_that_shows_once', async ({ page, enter }) => {
  await signIn(page, admin);
  await page.goto('/users');
  await press(page, 'add_user', { name: 'bodil', role: 'operator', password: 'short' });
  await expect(page.getByRole('alert')).toContainText('8 to 1000 characters');
  // What may be seen is kept; a password isn't.
  await expect(form(page, 'add_user').locator('[name=name]')).toHaveValue('bodil');
  await expect(form(page, 'add_user').locator('[value=operator]')).toBeChecked();
  await expect(form(page, 'add_user').locator('[name=password]')).toHaveValue('');

  await press(page, 'add_user', { name: 'bodil', role: 'operator' });
  await expect(said(page)).toContainText('The new password of bodil');
  const password = (await said(page).locator('code').innerText()).trim();
  expect(password.length).toBeGreaterThanOrEqual(16);
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('bodil');
  expect(await page.content()).not.toContain(password);

  const theirs = await enter({ name: 'bodil', password, role: 'operator' });
  await expect(theirs.locator('.who')).toContainText('bodil, operator');

  await page.goto('/users');
  await press(page, 'add_user', { name: 'bodil', role: 'admin' });
  await expect(page.getByRole('alert')).toContainText('There is a user of this name');
  await expect(page.getByRole('row', { name: 'bodil' })).toContainText('operator');
  const log = await logged(page, admin.name, 'user.add');
  await expect(log).toContainText('bodil');
  await expect(log).toContainText('name taken');
  // The one that was made, as what it was made.
  const made = page.locator('table.rows tbody tr', { hasText: 'bodil' }).nth(1);
  await expect(made).toContainText('bodil, operator');
  await expect(made).toContainText('done');
});

test('a_changed_role_ends_the_sessions_and_begins_with_the_next_sign_in', async ({ page, hire, enter }) => {
  const rolf = await hire('rolf', 'viewer');
  const theirs = await enter(rolf);
  await theirs.goto('/wallets');
  await expect(form(theirs, 'create_wallet')).toHaveCount(0);

  await signIn(page, admin);
  await lookUp(page, rolf);
  await press(page, 'change_role', { role: 'operator' });
  await expect(said(page)).toContainText('The role was changed');
  await expect(page.locator('dd', { hasText: 'operator' })).toBeVisible();
  await isAtTheDoor(theirs);
  await signIn(theirs, rolf);
  await expect(theirs.locator('.who')).toContainText('rolf, operator');
  await theirs.goto('/wallets');
  await expect(form(theirs, 'create_wallet')).toBeVisible();
  await expect(await logged(page, admin.name, 'user.role')).toContainText('done');
});

test('a_reset_password_opens_the_door_and_the_old_one_no_more', async ({ page, hire, enter }) => {
  const petra = await hire('petra', 'viewer');
  const theirs = await enter(petra);
  await signIn(page, admin);
  await lookUp(page, petra);
  await press(page, 'reset_password', { password: 'short' });
  await expect(page.getByRole('alert')).toContainText('8 to 1000 characters');
  await theirs.goto('/profile');
  await expect(theirs).toHaveURL(/\/profile$/);

  const chosen = 'handed over on paper';
  await press(page, 'reset_password', { password: chosen });
  await expect(said(page)).toContainText('The password was changed');
  // Who chose it knows it: nothing shows it.
  expect(await page.content()).not.toContain(chosen);
  await isAtTheDoor(theirs);
  await knock(theirs, petra);
  await isRefusedAtTheDoor(theirs);
  await signIn(theirs, { ...petra, password: chosen });

  // Left empty, Coffer makes one and shows it once.
  await lookUp(page, petra);
  await press(page, 'reset_password');
  await expect(said(page)).toContainText('The new password of petra');
  const made = (await said(page).locator('code').innerText()).trim();
  await page.reload();
  expect(await page.content()).not.toContain(made);
  await knock(theirs, { ...petra, password: chosen });
  await isRefusedAtTheDoor(theirs);
  await signIn(theirs, { ...petra, password: made });
  await expect(await logged(page, admin.name, 'user.password')).toContainText('petra');

  // One's own is changed on the profile, where the old one is asked for.
  await lookUp(page, admin);
  await expect(form(page, 'reset_password')).toHaveCount(0);
  await expect(page.getByText('That is you.')).toBeVisible();
});

test('a_disabled_user_is_out_at_once_and_back_when_enabled', async ({ page, hire, enter }) => {
  const dora = await hire('dora', 'operator');
  const theirs = await enter(dora);
  await signIn(page, admin);
  await lookUp(page, dora);
  await pressWithoutTick(page, 'disable_user');
  // Refused, and the fold that it was in is open.
  await expect(form(page, 'disable_user')).toBeVisible();
  await theirs.goto('/profile');
  await expect(theirs).toHaveURL(/\/profile$/);

  await press(page, 'disable_user', { confirmed: '1' });
  await expect(said(page)).toContainText('The user was disabled');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('disabled');
  await isAtTheDoor(theirs);
  await knock(theirs, dora);
  await isRefusedAtTheDoor(theirs);
  await page.goto('/users');
  await expect(row(page, dora)).toContainText('disabled');

  await lookUp(page, dora);
  await press(page, 'enable_user');
  await expect(said(page)).toContainText('The user was enabled');
  await signIn(theirs, dora);
  await expect(theirs.locator('.who')).toContainText('dora, operator');
  await expect(await logged(page, admin.name, 'user.disable')).toContainText('done');
  await expect(await logged(page, admin.name, 'user.enable')).toContainText('done');
});

test('the_last_admin_stays', async ({ page }) => {
  await signIn(page, admin);
  await lookUp(page, admin);
  await press(page, 'disable_user', { confirmed: '1' });
  await expect(page.getByRole('alert')).toContainText('This is the last enabled admin');
  await press(page, 'change_role', { role: 'viewer' });
  await expect(page.getByRole('alert')).toContainText('This is the last enabled admin');
  // The role that was chosen is still chosen.
  await expect(form(page, 'change_role').locator('[value=viewer]')).toBeChecked();
  await page.goto('/users');
  await expect(row(page, admin)).toContainText('enabled');
  await expect(row(page, admin)).toContainText('admin');
});

test('sessions_are_ended_one_by_one_and_all_at_once', async ({ page, hire, enter }) => {
  const sven = await hire('sven', 'viewer');
  const browsers = [await enter(sven), await enter(sven), await enter(sven)];
  await signIn(page, admin);
  await lookUp(page, sven);
  const sessions = page.getByRole('table', { name: 'Sessions' }).locator('tbody tr');
  await expect(sessions).toHaveCount(3);
  // Newest first.
  await press(page, 'end_session', {}, sessions.first());
  await expect(said(page)).toContainText('The session was ended');
  await expect(sessions).toHaveCount(2);
  await isAtTheDoor(browsers[2]);
  for (const still of browsers.slice(0, 2)) {
    await still.goto('/profile');
    await expect(still).toHaveURL(/\/profile$/);
  }

  await press(page, 'end_sessions');
  await expect(said(page)).toContainText('All sessions were ended');
  await expect(page.getByText('Not signed in anywhere.')).toBeVisible();
  for (const out of browsers.slice(0, 2)) await isAtTheDoor(out);
  await expect(await logged(page, admin.name, 'session.end')).toContainText('sven');
});

test('a_lost_second_factor_is_turned_off_by_an_admin', async ({ page, hire, enter }) => {
  const fay = await hire('fay', 'viewer');
  const theirs = await enter(fay);
  await theirs.goto('/profile/second-factor');
  await press(theirs, 'offer_second_factor', { password: fay.password });
  const secret = await theirs.locator('dd code.whole').innerText();
  await press(theirs, 'turn_on_second_factor', { code: code(secret) });
  await expect(said(theirs)).toContainText('Your recovery codes');

  await signIn(page, admin);
  await page.goto('/users');
  await expect(row(page, fay).locator('[data-name="second factor"]')).toHaveText('on');
  await lookUp(page, fay);
  await pressWithoutTick(page, 'drop_second_factor');
  await theirs.goto('/profile');
  await expect(theirs.getByText('10 recovery codes left')).toBeVisible();

  await press(page, 'drop_second_factor', { confirmed: '1' });
  await expect(said(page)).toContainText('The second factor was turned off');
  await expect(form(page, 'drop_second_factor')).toHaveCount(0);
  await isAtTheDoor(theirs);
  // By the password alone.
  await signIn(theirs, fay);
  await theirs.goto('/profile');
  await expect(theirs.locator('dd', { hasText: 'Off.' })).toBeVisible();
  await expect(await logged(page, admin.name, 'user.drop_second_factor')).toContainText('done');
});
