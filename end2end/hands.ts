// What hands do on a page, whoever's they are: fill in a form, open the fold that it stands in, press its button.
import { type Locator, type Page } from '@playwright/test';
import { expect, form } from './server';

/** Fills in and sends the form that gives this order, where the page or this part of it has it. */
export async function press(
  page: Page,
  verb: string,
  fields: Record<string, string> = {},
  within: Page | Locator = page,
): Promise<void> {
  const filled = form(within, verb);
  await fillIn(filled, fields);
  await filled.getByRole('button').click();
  await page.waitForLoadState();
}

/**
 * An order that wants a box ticked, given without: the browser holds it back, and Coffer refuses it from a browser that
 * doesn't.
 */
export async function pressWithoutTick(page: Page, verb: string, fields: Record<string, string> = {}): Promise<void> {
  const [filled, before] = [form(page, verb), page.url()];
  await fillIn(filled, fields);
  await filled.getByRole('button').click();
  await expect(filled.locator('[name=confirmed]')).toBeFocused();
  expect(page.url()).toBe(before);
  await filled.evaluate((element) => ((element as HTMLFormElement).noValidate = true));
  await filled.getByRole('button').click();
  await expect(page.getByRole('alert')).toContainText('Not confirmed');
}

async function fillIn(filled: Locator, fields: Record<string, string>): Promise<void> {
  for (const fold of await filled.locator('xpath=ancestor::details[not(@open)]/summary').all()) await fold.click();
  for (const [name, value] of Object.entries(fields)) {
    const field = filled.locator(`[name=${name}]`).first();
    const kind = await field.evaluate((element) =>
      element instanceof HTMLInputElement ? element.type : element.tagName.toLowerCase(),
    );
    if (kind === 'select') await field.selectOption(value);
    else if (kind === 'radio') await filled.locator(`[name=${name}][value="${value}"]`).check();
    else if (kind === 'checkbox') await field.check();
    else await field.fill(value);
  }
}

/** Opens the page again and again until it shows this: pages are live only with scripts, and what jobs do takes its time. */
export async function reloadUntil(page: Page, path: string, shown: () => Promise<void>, timeout = 30_000): Promise<void> {
  await expect(async () => {
    await page.goto(path);
    await shown();
  }).toPass({ timeout, intervals: [100, 250, 500] });
}

/** What the page says of the order that led to it. */
export const said = (page: Page): Locator => page.getByRole('main').getByRole('status');

/** Whoever is at this page is out: the next page they ask for is the door. */
export async function isAtTheDoor(page: Page): Promise<void> {
  await page.goto('/profile');
  await expect(page).toHaveURL(/\/sign-in\?next=/);
}

/** At the door, by the same two words as a moment ago: refused, without a word about which was wrong. */
export async function isRefusedAtTheDoor(page: Page): Promise<void> {
  await expect(page).toHaveURL(/\/sign-in\?/);
  await expect(page.getByRole('alert')).toContainText('User name and password don’t fit together.');
}

/** The newest row of the audit log that an admin finds by who and what. */
export async function logged(page: Page, actor: string, action: string): Promise<Locator> {
  await page.goto(`/audit-log?${new URLSearchParams({ actor, action })}`);
  return page.locator('table.rows tbody tr').first();
}
