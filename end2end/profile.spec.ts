// What everybody may do about themselves, as a viewer does it by the forms of the profile: password, second factor,
// sessions, going out. With JavaScript and without.
import { type Page } from '@playwright/test';
import { isAtTheDoor, isRefusedAtTheDoor, logged, press, said } from './hands';
import { test } from './office';
import { type Person } from './people';
import { expect, form, knock, signIn } from './server';
import { code } from './totp';

test('a_changed_password_ends_the_other_sessions', async ({ hire, enter }) => {
  const wilma = await hire('wilma', 'viewer');
  const [here, elsewhere] = [await enter(wilma), await enter(wilma)];
  const wanted = 'a longer way to say it';
  await here.goto('/profile/password');
  for (const [fields, label, why] of [
    [{ old: 'not what it was', new: wanted, again: wanted }, 'Password now', 'This isn’t your password.'],
    [{ old: wilma.password, new: 'short', again: 'short' }, 'New password', 'A password has 8 to 1000 characters.'],
    [{ old: wilma.password, new: wanted, again: `${wanted}?` }, 'New password once more', 'This differs from the new password.'],
  ] as [Record<string, string>, string, string][]) {
    await press(here, 'change_password', fields);
    await expect(here.getByRole('alert')).toContainText(why);
    await expect(here.getByLabel(label, { exact: true })).toHaveAttribute('aria-invalid', 'true');
    // No page and no URL holds a password.
    for (const name of Object.keys(fields)) await expect(here.locator(`[name=${name}]`)).toHaveValue('');
    expect(decodeURIComponent(here.url())).not.toContain(wanted);
  }
  await elsewhere.goto('/profile');
  await expect(elsewhere).toHaveURL(/\/profile$/);

  await press(here, 'change_password', { old: wilma.password, new: wanted, again: wanted });
  await expect(said(here)).toContainText('Your password was changed');
  await isAtTheDoor(elsewhere);
  // This session goes on.
  await here.goto('/wallets');
  await expect(here).toHaveURL(/\/wallets$/);
  await knock(elsewhere, wilma);
  await isRefusedAtTheDoor(elsewhere);
  await signIn(elsewhere, { ...wilma, password: wanted });

  const ada = await enter();
  const log = await logged(ada, wilma.name, 'user.password');
  await expect(log).toContainText('done');
  await expect(ada.locator('table.rows tbody tr', { hasText: 'wrong password' })).toHaveCount(1);
});

/** The first page of the door lets nobody with a second factor in: it leads to the second. */
async function knockTwice(page: Page, person: Person, given: string): Promise<void> {
  await knock(page, person);
  await expect(page).toHaveURL(/\/sign-in\/code/);
  await press(page, 'give_code', { code: given });
}

async function signOut(page: Page): Promise<void> {
  await press(page, 'sign_out');
  await expect(page).toHaveURL(/\/sign-in$/);
}

const recoveryCodes = (page: Page) => said(page).locator('li code');

test('a_second_factor_guards_the_door_until_it_is_turned_off', async ({ hire, enter }) => {
  test.setTimeout(120_000);
  const nils = await hire('nils', 'viewer');
  const page = await enter(nils);

  await test.step('on by a password and the first code', async () => {
    await page.goto('/profile/second-factor');
    await press(page, 'offer_second_factor', { password: 'not what it was' });
    await expect(page.getByRole('alert')).toContainText('This isn’t your password.');
    await press(page, 'offer_second_factor', { password: nils.password });
    await expect(page.getByRole('img', { name: 'QR code with the secret' })).toBeVisible();
    await press(page, 'turn_on_second_factor', { code: '12345' });
    await expect(page.getByRole('alert')).toContainText('Not the code of this moment.');
    await page.goto('/profile');
    await expect(page.locator('dd', { hasText: 'Off.' })).toBeVisible();
  });
  await page.goto('/profile/second-factor');
  const secret = await page.locator('dd code.whole').innerText();
  await press(page, 'turn_on_second_factor', { code: code(secret) });
  await expect(recoveryCodes(page)).toHaveCount(10);
  const first = await recoveryCodes(page).allInnerTexts();

  await test.step('shown once', async () => {
    await page.reload();
    await expect(page.locator('dd', { hasText: '10 are left of ten' })).toBeVisible();
    for (const given of first) expect(await page.content()).not.toContain(given);
    expect(await page.content()).not.toContain(secret);
  });

  await test.step('the door asks for a code', async () => {
    await signOut(page);
    await isAtTheDoor(page);
    await knockTwice(page, nils, '12345');
    await expect(page.getByRole('alert')).toContainText('Not a code of this moment, or used before. 4 tries are left');
    // Half in is not in.
    await isAtTheDoor(page);
    // The code that turned it on was used by that.
    await knockTwice(page, nils, code(secret, 1));
    await expect(page.locator('.who')).toContainText('nils, viewer');
  });

  await test.step('a recovery code works once', async () => {
    await signOut(page);
    await knockTwice(page, nils, first[0]);
    await expect(page.locator('.who')).toContainText('nils, viewer');
    await page.goto('/profile');
    await expect(page.getByText('9 recovery codes left')).toBeVisible();
    await signOut(page);
    await knockTwice(page, nils, first[0]);
    await expect(page.getByRole('alert')).toContainText('used before');
    await knockTwice(page, nils, first[1]);
    await expect(page.locator('.who')).toContainText('nils, viewer');
  });

  await test.step('new recovery codes take the place of the old ones', async () => {
    await page.goto('/profile/second-factor');
    await press(page, 'renew_recovery_codes', { password: 'not what it was' });
    await expect(page.getByRole('alert')).toContainText('This isn’t your password.');
    await expect(page.locator('dd', { hasText: '8 are left of ten' })).toBeVisible();
    await press(page, 'renew_recovery_codes', { password: nils.password });
    await expect(recoveryCodes(page)).toHaveCount(10);
    const second = await recoveryCodes(page).allInnerTexts();
    expect(second.filter((given) => first.includes(given))).toEqual([]);
    await signOut(page);
    await knockTwice(page, nils, first[2]);
    await expect(page.getByRole('alert')).toContainText('Not a code of this moment');
    await knockTwice(page, nils, second[0]);
    await expect(page.locator('.who')).toContainText('nils, viewer');
  });

  await test.step('off by the password, and the door asks for that alone', async () => {
    await page.goto('/profile/second-factor');
    await press(page, 'turn_off_second_factor', { password: 'not what it was' });
    await expect(page.getByRole('alert')).toContainText('This isn’t your password.');
    await press(page, 'turn_off_second_factor', { password: nils.password });
    await expect(said(page)).toContainText('The second factor is off');
    await expect(page.locator('dd', { hasText: 'Off.' })).toBeVisible();
    await signOut(page);
    await signIn(page, nils);
  });

  const ada = await enter();
  for (const action of ['turn_on', 'renew_codes', 'turn_off']) {
    await expect(await logged(ada, nils.name, `second_factor.${action}`)).toContainText('done');
  }
  await logged(ada, nils.name, 'second_factor.recover');
  await expect(ada.locator('table.rows tbody tr')).toHaveCount(3);
});

test('ones_own_sessions_are_ended_one_by_one_and_all_others_at_once', async ({ hire, enter }) => {
  const ylva = await hire('ylva', 'viewer');
  const [here, first, second, third] = [await enter(ylva), await enter(ylva), await enter(ylva), await enter(ylva)];
  await here.goto('/profile');
  const sessions = here.getByRole('table', { name: 'Sessions' }).locator('tbody tr');
  await expect(sessions).toHaveCount(4);
  // The one that is looked at can't be ended here: that is signing out.
  await expect(form(sessions.filter({ hasText: 'this session' }), 'end_session')).toHaveCount(0);
  await press(here, 'end_session', {}, sessions.first());
  await expect(said(here)).toContainText('The session was ended');
  await expect(sessions).toHaveCount(3);
  await isAtTheDoor(third);
  await second.goto('/profile');
  await expect(second).toHaveURL(/\/profile$/);

  await press(here, 'end_other_sessions');
  await expect(said(here)).toContainText('You are signed out everywhere else');
  await expect(sessions).toHaveCount(1);
  await expect(form(here, 'end_other_sessions')).toHaveCount(0);
  for (const out of [first, second]) await isAtTheDoor(out);
});

test('signing_out_leads_to_the_door_and_back_leads_nowhere', async ({ hire, enter }) => {
  const ulla = await hire('ulla', 'viewer');
  const page = await enter(ulla);
  const cookies = await page.context().cookies();
  await page.goto('/wallets');
  await signOut(page);
  await isAtTheDoor(page);
  await page.goBack();
  await page.goBack();
  await expect(page.getByLabel('Password')).toBeVisible();
  // Whoever copied the cookie has nothing in hand: the session itself is over.
  await page.context().addCookies(cookies);
  await isAtTheDoor(page);
  const ada = await enter();
  await expect(await logged(ada, ulla.name, 'sign_out')).toContainText('done');
});
