// A picture of one page at 1440 and 390 px, light and dark, in ../screenshots. They are looked at by people; nothing
// compares them.
import { type Page } from '@playwright/test';

const widths = [1440, 390];
const schemes = ['light', 'dark'] as const;

export async function shoot(page: Page, name: string, path: string): Promise<void> {
  for (const width of widths) {
    for (const colorScheme of schemes) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      await page.emulateMedia({ colorScheme });
      await page.goto(path);
      await page.screenshot({ path: `../screenshots/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
  }
}
