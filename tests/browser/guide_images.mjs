// The pictures of docs/guide.md, into the folder that SCREENSHOTS names (tools/screenshots, and a test).
import { charts, closeBrowser, filled, withPage } from './browser.mjs';

const views = [
  { name: 'trends-light', colorScheme: 'light', locale: 'en-GB' },
  { name: 'trends-dark-ko', colorScheme: 'dark', locale: 'ko-KR' },
  { name: 'trends-charts', colorScheme: 'light', locale: 'en-GB', scroll: true },
  { name: 'data-dark', colorScheme: 'dark', locale: 'en-GB', path: '/data' },
];

// Gives the files' names.
export async function takeAll(folder) {
  const files = [];
  for (const { name, path = '/', scroll = false, ...options } of views) {
    await withPage({ viewport: { width: 1280, height: 900 }, ...options }, async (page) => {
      await page.goto(path);
      await filled(page);
      if (scroll) await charts(page);
      await page.screenshot({ path: `${folder}/${name}.png` });
    });
    files.push(`${name}.png`);
  }
  return files;
}

if (process.argv[1] === import.meta.filename) {
  await takeAll(process.env.SCREENSHOTS);
  await closeBrowser();
}
