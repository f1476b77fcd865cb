// Pictures of the pages for people to look at: themes, languages and widths. SCREENSHOTS names the folder.
import { closeBrowser, open, screenshot, withPage } from './browser.mjs';

for (const [width, colorScheme, locale] of [[1440, 'light', 'en-GB'], [1440, 'dark', 'ko-KR'], [768, 'dark', 'en-GB'], [360, 'light', 'ko-KR'], [360, 'dark', 'en-GB']]) {
  await withPage({ viewport: { width, height: 900 }, colorScheme, locale }, async (page) => {
    await open(page);
    await page.evaluate(() => document.querySelector('.charts')?.scrollIntoView());
    await page.locator('.plot svg').nth(2).waitFor();
    await page.evaluate(() => scrollTo(0, 0));
    await screenshot(page, `trends-${width}-${colorScheme}-${locale.slice(0, 2)}`);
    await page.goto('/data');
    await page.locator('.calendar').first().waitFor();
    await screenshot(page, `data-${width}-${colorScheme}-${locale.slice(0, 2)}`);
  });
}
await closeBrowser();
