// The pictures of docs/guide.md, into the folder that SCREENSHOTS names (tools/screenshots).
import { closeBrowser, open, withPage } from './browser.mjs';

const folder = process.env.SCREENSHOTS;
const views = [
  { name: 'trends-light', colorScheme: 'light', locale: 'en-GB' },
  { name: 'trends-dark-ko', colorScheme: 'dark', locale: 'ko-KR' },
  { name: 'trends-charts', colorScheme: 'light', locale: 'en-GB', part: '.charts' },
  { name: 'data-dark', colorScheme: 'dark', locale: 'en-GB', path: '/data' },
];
for (const { name, path = '/', part, ...options } of views) {
  await withPage({ viewport: { width: 1280, height: 900 }, ...options }, async (page) => {
    await open(page, path);
    await page.waitForLoadState('networkidle');
    if (part !== undefined) {
      await page.evaluate((selector) => document.querySelector(selector).scrollIntoView(), part);
      await page.locator('.plot svg').nth(2).waitFor();
    }
    await page.screenshot({ path: `${folder}/${name}.png` });
  });
}
await closeBrowser();
