// No page scrolls sideways: from a telephone that shows everything twice as large (320 px, WCAG 1.4.10) to a wide screen.
// The HTML is the same without scripts, so once is enough.
import { pages, states } from './pages';
import { admin } from './people';
import { signIn } from './server';
import { expect, test } from './world';

const widths = [320, 390, 600, 768, 1024, 1440];

test.beforeEach(({ javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'measured by a script');
});

test('no_page_is_wider_than_its_window', async ({ page, world }) => {
  test.setTimeout(300_000);
  await signIn(page, admin);
  for (const path of [...pages.map(({ path }) => path(world)), ...Object.values(states(world))]) {
    await page.goto(path);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect.soft(wider, `${path} at ${width} px`).toBe(0);
    }
  }
});
