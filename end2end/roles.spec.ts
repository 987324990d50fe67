// Every page and every order, as each role: what a role may do is offered and works, what it may not isn't offered,
// and is refused when somebody forges the request. With JavaScript and without.
import { type Page, type APIResponse } from '@playwright/test';
import { acts } from './acts';
import { pages } from './pages';
import { admin, colleague, may, operator, type Person, viewer } from './people';
import { form, signIn } from './server';
import { expect, sendPath, test, type World } from './world';

// Half a hundred pages each; a machine that does much else needs its time.
test.describe.configure({ timeout: 300_000 });

for (const person of [viewer, operator, admin]) {
  test(`pages_and_forms_as_${person.role}`, async ({ page, world }) => {
    await signIn(page, person);
    const offered = new Set<string>();
    for (const { route, path, needs = 'viewer'} of pages) {
      const answer = (await page.goto(path(world)))!;
      expect(answer.status(), `${route} as ${person.role}`).toBe(may(person.role, needs) ? 200 : 403);
      for (const verb of await ordersOn(page)) offered.add(verb);
    }
    for (const { offered: where } of Object.values(acts)) {
      if (!where) continue;
      await page.goto(where(world));
      for (const verb of await ordersOn(page)) offered.add(verb);
    }
    for (const [verb, { needs, offered: where }] of Object.entries(acts)) {
      if (needs === 'everyone') continue;
      if (!may(person.role, needs)) expect(offered, `${verb} as ${person.role}`).not.toContain(verb);
      else if (where) expect(offered, `${verb} as ${person.role}`).toContain(verb);
    }
  });

  test(`orders_forged_as_${person.role}`, async ({ page, world, coffer }) => {
    await signIn(page, person);
    const before = await books(page, world);
    for (const [verb, { needs, fields }] of Object.entries(acts)) {
      if (needs === 'everyone' || may(person.role, needs)) continue;
      const answer = await forged(page, verb, fields(world), coffer.url);
      // Refused like any order: back to a page that says why.
      expect(answer.status(), verb).toBe(303);
      expect(answer.headers().location, verb).toContain('refused=forbidden');
    }
    expect(await books(page, world)).toEqual(before);
  });
}

test('orders_of_a_stranger_lead_to_the_door', async ({ page, world, coffer }) => {
  for (const [verb, { needs, fields }] of Object.entries(acts)) {
    if (needs === 'everyone' || verb === 'sign_out') continue;
    const answer = await forged(page, verb, fields(world), coffer.url);
    expect(answer.status(), verb).toBe(303);
    expect(answer.headers().location, verb).toMatch(/^\/sign-in|refused=/);
  }
  await signIn(page);
  expect(await books(page, world)).not.toContain('forged');
});

test('orders_from_elsewhere_change_nothing', async ({ page, world, coffer }) => {
  await signIn(page, admin);
  const before = await books(page, world);
  for (const origin of [undefined, 'null', 'https://evil.example', coffer.url.replace('http:', 'https:')]) {
    for (const [verb, { fields }] of Object.entries(acts)) {
      const answer = await forged(page, verb, fields(world), origin);
      expect(answer.status(), `${verb} from ${origin}`).toBe(403);
    }
  }
  expect(await books(page, world)).toEqual(before);
});

test('a_stolen_form_does_nothing_for_somebody_else', async ({ page, browser, world, coffer }) => {
  await signIn(page, operator);
  const stolen: [string, Record<string, string>][] = [];
  for (const verb of ['send', 'transfer', 'create_address']) {
    await page.goto(acts[verb].offered!(world));
    const fields = await form(page, verb).locator('input[name]').all();
    const pairs = fields.map(async (field) => [(await field.getAttribute('name'))!, await field.inputValue()]);
    stolen.push([verb, Object.fromEntries(await Promise.all(pairs))]);
  }
  const before = await books(page, world);
  for (const [thief, refusal] of [[colleague, 'idempotency_mismatch'], [viewer, 'forbidden']] as [Person, string][]) {
    const context = await browser.newContext({ baseURL: coffer.url });
    const other = await context.newPage();
    await signIn(other, thief);
    for (const [verb, fields] of stolen) {
      expect(fields.idempotency_key, verb).toBeTruthy();
      const answer = await forged(other, verb, { ...fields, typed: '0.1' }, coffer.url);
      expect(answer.headers().location, `${verb} by ${thief.name}`).toContain(`refused=${refusal}`);
    }
    await context.close();
  }
  expect(await books(page, world)).toEqual(before);
});

test('a_second_press_a_reload_and_coming_back_act_once', async ({ page, world }) => {
  await signIn(page, operator);
  await page.goto(sendPath(world.account, '0.11', 'twice'));
  const typed = page.locator('[name=typed]');
  if (await typed.isVisible()) await typed.fill('0.11');
  // As the review was, for one who kept it open in another tab.
  const review = await form(page, 'send').locator('input[name]').all();
  const pairs = review.map(async (field) => [(await field.getAttribute('name'))!, await field.inputValue()]);
  const fields = Object.fromEntries(await Promise.all(pairs));
  await page.getByRole('button', { name: 'Send 0.11000000 ltc' }).dblclick();
  await expect(page).toHaveURL(/\/transactions\/\d+$/);
  const transaction = new URL(page.url()).pathname;
  await page.reload();

  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This send was made');
  await expect(page.getByRole('link', { name: /^Transaction \d+$/ })).toHaveAttribute('href', transaction);
  const again = await forged(page, 'send', { ...fields, typed: '0.11' }, new URL(page.url()).origin);
  expect(again.headers().location).toBe(transaction);
  // The same once more is another order, for whoever says so.
  await page.getByRole('link', { name: 'Another send like it' }).click();
  await page.getByRole('button', { name: 'Review' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Review this send');
  await page.goto('/transactions?label=twice');
  await expect(page.locator('table.rows tbody tr')).toHaveCount(1);

  // The same with an order that makes something.
  await page.goto(world.empty);
  const made = form(page, 'create_address');
  await made.locator('[name=label]').fill('twice');
  await made.getByRole('button').dblclick();
  await page.waitForURL(/made=/);
  await page.reload();
  await page.goto(`${world.empty}/addresses`);
  await expect(page.locator('table.rows tbody tr', { hasText: 'twice' })).toHaveCount(1);
});

test('a_refused_form_keeps_what_was_typed_and_says_how_to_mend_it', async ({ page, world }) => {
  await signIn(page, operator);
  await page.goto(`${world.account}/send`);
  await page.getByRole('main').getByLabel('To address').fill('rltc1qwrong');
  await page.getByRole('main').getByLabel('Amount').fill('99.5');
  await page.getByRole('main').getByLabel('Label').fill('Withdrawal 7');
  await page.getByRole('button', { name: 'Review' }).click();
  await expect(page.getByRole('alert')).toContainText('Not accepted yet: 2 fields');
  for (const [label, value] of [['To address', 'rltc1qwrong'], ['Amount', '99.5'], ['Label', 'Withdrawal 7']]) {
    await expect(page.getByRole('main').getByLabel(label)).toHaveValue(value);
  }
  for (const label of ['To address', 'Amount']) {
    await expect(page.getByRole('main').getByLabel(label)).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByRole('main').getByLabel(label)).toHaveAccessibleDescription(/\./);
  }
  // The first of the faulty fields has the focus.
  await expect(page.getByRole('main').getByLabel('To address')).toBeFocused();

  await page.goto(`${world.pending}`);
  await page.locator('summary', { hasText: 'Cancel' }).click();
  const fields = { transaction: world.pending.split('/').pop()!, reason: 'asked for' };
  const answer = await forged(page, 'cancel_transaction', fields, new URL(page.url()).origin);
  await page.goto(answer.headers().location);
  await expect(page.getByRole('alert')).toContainText('Not confirmed');
  await expect(form(page, 'cancel_transaction').locator('[name=reason]')).toHaveValue('asked for');
});

/** Endpoints of the forms on this page. */
async function ordersOn(page: Page): Promise<string[]> {
  const actions = await page.locator('form[action^="/act/"]').evaluateAll((forms) => forms.map((form) => form.getAttribute('action')!));
  return actions.map((action) => action.replace('/act/', '').replace(/\d+$/, ''));
}

/** A post without any page: this person's cookie, and this origin or none. */
async function forged(page: Page, verb: string, fields: Record<string, string>, origin?: string): Promise<APIResponse> {
  const headers: Record<string, string> = origin === undefined ? {} : { origin };
  return page.request.post(`/act/${verb}`, { form: fields, headers, maxRedirects: 0 });
}

/** All that the books and the simulated network show, to be compared. */
async function books(page: Page, world: World): Promise<string> {
  const shown: string[] = [];
  for (const path of ['/wallets', world.wallet, '/wallets/2', world.account, world.empty, '/transactions', `${world.account}/addresses`]) {
    await page.goto(path);
    // Without their heads, where a script says a moment later whose zone the times are in.
    shown.push(path, ...(await page.locator('main table.rows tbody').allInnerTexts()));
  }
  await page.goto('/simulator');
  shown.push(...(await page.locator('main dl.tiles').allInnerTexts()));
  return shown.join('\n');
}
