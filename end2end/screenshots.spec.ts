// A picture of every page, empty and with something in the books, and of what they look like on paper.
import { expect, signIn, test as fresh } from './server';
import { pages, states } from './pages';
import { admin, operator, viewer } from './people';
import { shoot } from './shoot';
import { test } from './world';

/** What a picture of this route is called. */
function name(route: string): string {
  if (route === '/') return 'overview';
  const words = route.split('/').filter((word) => word && word !== ':id' && word !== ':coin');
  const one = route.endsWith(':id') || route.endsWith(':coin');
  return words.join('-') + (one ? '-one' : '');
}

fresh('pictures_before_anything_was_made', async ({ page }) => {
  fresh.setTimeout(300_000);
  await shoot(page, 'sign-in', '/sign-in');
  await shoot(page, 'sign-in-refused', '/sign-in?refused=wrong_password&name=ada');
  await signIn(page);
  await shoot(page, 'overview-empty', '/');
  for (const path of ['wallets', 'addresses', 'transactions', 'network-transactions', 'broadcasts', 'tokens']) {
    await shoot(page, `${path}-empty`, `/${path}`);
  }
});

test('pictures_of_every_page', async ({ page, world }) => {
  test.setTimeout(900_000);
  await signIn(page, admin);
  for (const { route, path } of pages) await shoot(page, name(route), path(world));
});

test('pictures_of_every_state', async ({ page, world }) => {
  test.setTimeout(900_000);
  await signIn(page, admin);
  for (const [name, path] of Object.entries(states(world))) await shoot(page, name, path);
  await shoot(page, 'help', '/', async () => {
    await page.getByRole('button', { name: 'Help and keys' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
  });
  await page.emulateMedia({ media: 'print', colorScheme: 'light' });
  for (const [name, path] of [['transactions', '/transactions'], ['account', world.account]]) {
    await page.goto(path);
    await page.pdf({ path: `../screenshots/${name}-print.pdf`, format: 'A4' });
  }
});

test('pictures_of_what_a_viewer_sees', async ({ page, world }) => {
  test.setTimeout(300_000);
  await signIn(page, viewer);
  await shoot(page, 'viewer-account', world.account);
  await shoot(page, 'viewer-refused', `${world.account}/send`);
});

test('pictures_of_what_an_operator_sees', async ({ page, world }) => {
  test.setTimeout(300_000);
  await signIn(page, operator);
  await shoot(page, 'operator-foreign-spend', world.foreignSpend);
  await shoot(page, 'operator-refused', '/settings');
});
