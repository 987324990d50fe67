// Pages that change in place: two browsers on two processes of one database see a deposit come without loading again,
// a lost connection is said and made up for, a pause holds still, and what somebody types into stays.
import { type Browser, type Page } from '@playwright/test';
import { admin, expect, form, signIn, test } from './server';

test.beforeEach(({}, info) => test.skip(info.project.name === 'without-javascript', 'live pages need scripts'));

/** Another person, with cookies of their own, at this process. */
async function another(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext({ baseURL: url })).newPage();
  await page.goto('/sign-in');
  await page.getByLabel('User name').fill(admin.name);
  await page.getByLabel('Password').fill(admin.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).not.toHaveURL(/sign-in/);
  return page;
}

/** Loaded once: what this page has in `window` is gone when it is loaded again. */
async function lookAt(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.locator('.top')).toContainText('Live');
  await page.evaluate(() => ((window as unknown as { loadedOnce: boolean }).loadedOnce = true));
}

async function wasLoadedOnce(page: Page): Promise<boolean> {
  return page.evaluate(() => (window as unknown as { loadedOnce?: boolean }).loadedOnce === true);
}

async function order(page: Page, path: string, verb: string, fields: Record<string, string>): Promise<void> {
  await page.goto(path);
  for (const [name, value] of Object.entries(fields)) await form(page, verb).locator(`[name=${name}]`).fill(value);
  await form(page, verb).getByRole('button').click();
  await page.waitForLoadState();
}

/** A wallet, an account and its address: made by the page that orders. */
async function prepare(page: Page, name: string): Promise<{ account: string; address: string }> {
  await order(page, '/wallets', 'create_wallet', { name });
  await order(page, new URL(page.url()).pathname, 'create_account', { name: 'Halden Books' });
  const account = new URL(page.url()).pathname;
  await form(page, 'create_address').getByRole('button').click();
  const address = (await page.locator('code.whole').first().innerText()).trim();
  return { account, address };
}

test('a_deposit_appears_on_two_browsers_at_two_processes_without_loading_again', async ({ page, coffer, browser }) => {
  await signIn(page);
  const { account, address } = await prepare(page, 'two processes');
  const beside = await coffer.beside();
  const [here, there] = [await another(browser, coffer.url), await another(browser, beside)];
  await lookAt(here, account);
  await lookAt(there, '/');
  await order(page, '/simulator', 'simulated_pay', { address, amount: '0.0512' });
  for (const seen of [here, there]) {
    await expect(seen.locator('tr', { hasText: 'incoming' }).first()).toContainText('0.0512', { timeout: 3_000 });
    await expect(seen.locator('tr.fresh').first()).toBeVisible();
  }
  await order(page, '/simulator', 'simulated_mine', { blocks: '3' });
  const balance = here.locator('.tiles data').first();
  await expect(balance).toHaveAttribute('value', '0.05120000');
  await expect(there.locator('tr', { hasText: 'credited' }).first()).toContainText('0.0512');
  for (const seen of [here, there]) expect(await wasLoadedOnce(seen)).toBe(true);
});

test('balances_and_confirmations_change_in_place_wherever_they_stand', async ({ page, browser, coffer }) => {
  await signIn(page);
  const { account, address } = await prepare(page, 'everywhere');
  await page.goto(account);
  const wallet = await page.locator('.crumbs a[href^="/wallets/"]').getAttribute('href');
  await page.goto('/addresses');
  const one = await page.getByRole('row', { name: /Halden Books/ }).first().getByRole('link').first().getAttribute('href');
  const paths = ['/wallets', wallet!, '/addresses', one!, `${account}/addresses`, '/network-transactions'];
  const someone = await another(browser, coffer.url);
  const seen = await Promise.all(
    paths.map(async (path) => {
      const tab = await someone.context().newPage();
      await lookAt(tab, path);
      return tab;
    }),
  );
  await order(page, '/simulator', 'simulated_pay', { address, amount: '0.0625' });
  const deposit = seen.at(-1)!.getByRole('row', { name: /0\.0625/ });
  await expect(deposit).toContainText('0 of 3');
  const own = (await deposit.getByRole('link').first().getAttribute('href'))!;
  const story = await someone.context().newPage();
  await lookAt(story, own);
  await order(page, '/simulator', 'simulated_mine', { blocks: '4' });
  for (const tab of seen.slice(0, -1)) await expect(tab.locator('main')).toContainText('0.0625');
  await expect(deposit).toContainText('confirmed');
  await expect(story.locator('main')).toContainText('4 confirmations');
  for (const tab of [...seen, story]) expect(await wasLoadedOnce(tab)).toBe(true);
});

test('a_pause_holds_still_and_resuming_catches_up', async ({ page, browser, coffer }) => {
  await signIn(page);
  const { account, address } = await prepare(page, 'paused');
  const seen = await another(browser, coffer.url);
  await lookAt(seen, account);
  await seen.getByRole('button', { name: 'Pause' }).click();
  await expect(seen.locator('.top')).toContainText('Paused');
  await order(page, '/simulator', 'simulated_pay', { address, amount: '0.25' });
  await expect(async () => {
    await page.goto(account);
    await expect(page.locator('#history ~ *, section').first()).toBeVisible();
    await expect(page.locator('tr', { hasText: 'incoming' })).toHaveCount(1, { timeout: 100 });
  }).toPass();
  await expect(seen.locator('tr', { hasText: 'incoming' })).toHaveCount(0);
  await seen.getByRole('button', { name: 'Resume' }).click();
  await expect(seen.locator('tr', { hasText: 'incoming' })).toHaveCount(1);
  expect(await wasLoadedOnce(seen)).toBe(true);
});

test('what_somebody_types_into_stays_while_the_page_changes', async ({ page, browser, coffer }) => {
  await signIn(page);
  const { account, address } = await prepare(page, 'typing');
  const seen = await another(browser, coffer.url);
  await lookAt(seen, account);
  const label = form(seen, 'create_address').locator('[name=label]');
  const key = form(seen, 'create_address').locator('[name=idempotency_key]');
  const before = await key.inputValue();
  await label.fill('Order 5581');
  await order(page, '/simulator', 'simulated_pay', { address, amount: '0.125' });
  await expect(seen.locator('tr', { hasText: 'incoming' })).toHaveCount(1);
  await expect(label).toHaveValue('Order 5581');
  await expect(label).toBeFocused();
  // Another key would let a second click make a second address.
  expect(await key.inputValue()).toBe(before);
});

test('rows_above_what_is_read_wait_until_they_are_asked_for', async ({ page, browser, coffer }) => {
  await signIn(page);
  const { address } = await prepare(page, 'reading');
  for (let n = 0; n < 3; n++) await order(page, '/simulator', 'simulated_pay', { address, amount: `0.00${n + 1}` });
  const seen = await another(browser, coffer.url);
  await seen.setViewportSize({ width: 1440, height: 260 });
  await expect(async () => {
    await lookAt(seen, '/transactions?state=incoming');
    await expect(seen.locator('tbody tr', { hasText: '0.003' })).toHaveCount(1, { timeout: 100 });
  }).toPass();
  await seen.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await order(page, '/simulator', 'simulated_pay', { address, amount: '0.777' });
  const waiting = seen.getByRole('button', { name: 'Newer rows: 1. Show them' });
  await expect(waiting).toBeAttached();
  await expect(seen.locator('tbody tr', { hasText: '0.777' })).toHaveCount(0);
  await waiting.click();
  await expect(seen.locator('tbody tr', { hasText: '0.777' })).toHaveCount(1);
  await expect(waiting).not.toBeAttached();
});

test('a_lost_connection_is_said_and_made_up_for', async ({ page, coffer }) => {
  test.setTimeout(90_000);
  await signIn(page);
  const { account } = await prepare(page, 'lost');
  await lookAt(page, account);
  await coffer.down();
  await expect(page.locator('.top')).toContainText('Connection lost, trying again');
  await expect(page.locator('.when-still').first()).toBeVisible();
  await coffer.up();
  await expect(page.locator('.link.on')).toBeVisible({ timeout: 30_000 });
  expect(await wasLoadedOnce(page)).toBe(true);
});

test('job_states_change_in_place_and_an_ended_session_is_said', async ({ page }) => {
  await signIn(page);
  await lookAt(page, '/jobs');
  const backend = page.locator('tr', { hasText: 'backend' }).locator('time').first();
  const before = await backend.getAttribute('datetime');
  await expect(backend).not.toHaveAttribute('datetime', before!);
  await page.context().clearCookies();
  await expect(page.locator('.top')).toContainText('Signed out', { timeout: 40_000 });
});

test('what_only_grew_older_or_moved_is_not_marked', async ({ page, browser, coffer }) => {
  await signIn(page);
  await prepare(page, 'quiet');
  const overview = await another(browser, coffer.url);
  await lookAt(overview, '/');
  const coin = overview.locator('tr[data-key=ltc]');
  const age = coin.locator('[data-name=Height] small');
  const before = await age.innerText();
  await expect(age).not.toHaveText(before, { timeout: 30_000 });
  await expect(coin).not.toHaveClass(/fresh/);

  const jobs = await another(browser, coffer.url);
  await lookAt(jobs, '/jobs');
  const first = jobs.locator('tbody tr').first();
  await expect(first).not.toContainText('scan');
  await page.goto('/simulator');
  await form(page, 'simulated_fail').locator('[name=call]').selectOption('since');
  await form(page, 'simulated_fail').locator('[name=how]').selectOption('unavailable');
  await form(page, 'simulated_fail').getByRole('button').click();
  await page.goto('/jobs');
  await page.getByRole('button', { name: 'Run now scan ltc' }).click();
  await expect(first).toContainText('scan', { timeout: 30_000 });
  // Those that it went past were only moved.
  await expect(jobs.locator('tr[data-key=number_events]')).not.toHaveClass(/fresh/);
});
