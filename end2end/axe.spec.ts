// axe-core finds nothing on any page: WCAG 2.0 to 2.2, A and AA, and what it calls best practice, in both schemes, on a
// wide screen and on a telephone. It runs in the page, so with JavaScript alone; the HTML is the same without.
import AxeBuilder from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { pages, states, strangers } from './pages';
import { admin, may, type Person, viewer } from './people';
import { signIn } from './server';
import { expect, test, type World } from './world';

const looks = [1440, 390].flatMap((width) => (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })));

/** What axe finds, one line each. */
async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}

async function look(page: Page, { width, colorScheme }: (typeof looks)[number]): Promise<void> {
  await page.setViewportSize({ width, height: 900 });
  // A colour that is still changing would be judged on its way.
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
}

async function lookAt(page: Page, paths: string[]): Promise<void> {
  for (const path of paths) {
    await page.goto(path);
    for (const one of looks) {
      await look(page, one);
      expect.soft(await findings(page), `${path}, ${one.width} px, ${one.colorScheme}`).toEqual([]);
    }
  }
}

const listed = (world: World, person: Person): string[] =>
  pages.filter(({ needs = 'viewer' }) => may(person.role, needs)).map(({ path }) => path(world));

test.beforeEach(({ javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'axe is a script');
});

test('nothing_is_found_on_the_pages_of_an_admin', async ({ page, world }) => {
  test.setTimeout(900_000);
  await signIn(page, admin);
  await lookAt(page, listed(world, admin));
});

test('nothing_is_found_on_pages_that_are_empty_or_refused', async ({ page, world }) => {
  test.setTimeout(900_000);
  await signIn(page, admin);
  await lookAt(page, Object.values(states(world)));
});

test('nothing_is_found_on_what_a_viewer_and_a_stranger_see', async ({ page, world }) => {
  test.setTimeout(900_000);
  await lookAt(page, strangers);
  await lookAt(page, ['/sign-in?refused=wrong_password&name=ada']);
  await signIn(page, viewer);
  // Of what a viewer sees only the pages that lack something, and one that is refused.
  await lookAt(page, ['/wallets', world.account, world.pending, '/jobs', `${world.account}/send`]);
});

test('nothing_is_found_on_the_help_sheet', async ({ page }) => {
  await signIn(page, admin);
  await page.goto('/');
  await page.getByRole('button', { name: 'Help and keys' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  for (const one of looks) {
    await look(page, one);
    expect.soft(await findings(page), `${one.width} px, ${one.colorScheme}`).toEqual([]);
  }
});
