// A picture of one page on a telephone, a tablet and a wide screen, light and dark, in ../screenshots. They are looked
// at by people; nothing compares them.
import { type Page } from '@playwright/test';

const sizes = [[1440, 900], [768, 1024], [390, 844]];
const schemes = ['light', 'dark'] as const;

/** `stir`: what is done on the page before the picture is taken. */
export async function shoot(page: Page, name: string, path: string, stir?: () => Promise<void>): Promise<void> {
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme });
      await page.goto(path);
      await stir?.();
      await page.screenshot({ path: `../screenshots/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
  }
}
