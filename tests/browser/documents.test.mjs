// What is written about the dashboard stays true: the guide's pictures can be taken, and are the ones that the documents
// show; the report is one file that needs no network.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';

import { accessibilityViolations, closeBrowser, open, screenshot, withPage } from './browser.mjs';
import { takeAll } from './guide_images.mjs';

after(closeBrowser);

const root = new URL('../../', import.meta.url);

// Width and height from a PNG's first chunk.
function sizeOf(file) {
  const bytes = readFileSync(file);
  assert.equal(bytes.toString('latin1', 1, 4), 'PNG', String(file));
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

test('the pictures of the guide can be taken, and each is shown somewhere', async () => {
  const folder = mkdtempSync(`${tmpdir()}/stargaze-images-`);
  try {
    const files = await takeAll(folder);
    assert.ok(files.length >= 4);
    assert.deepEqual(readdirSync(folder).sort(), [...files].sort());
    const documents = ['README.md', 'README.ko.md', 'docs/guide.md'].map((name) => readFileSync(new URL(name, root), 'utf8')).join();
    for (const file of files) {
      const taken = sizeOf(`${folder}/${file}`);
      assert.deepEqual(taken, [1280, 900], file);
      assert.deepEqual(sizeOf(new URL(`docs/images/${file}`, root)), taken, `docs/images/${file} is of the same view`);
      assert.ok(documents.includes(`images/${file}`), `${file} is shown`);
    }
    assert.deepEqual(readdirSync(new URL('docs/images/', root)).filter((file) => file.endsWith('.png')).sort(), [...files].sort());
  } finally {
    rmSync(folder, { recursive: true });
  }
});

for (const locale of ['en-GB', 'ko-KR']) {
  test(`at the pictures' width no column of the risers is cut off, no word broken, ${locale}`, () =>
    withPage({ viewport: { width: 1280, height: 900 }, locale }, async (page) => {
      await open(page);
      assert.deepEqual(await page.locator('.risers').evaluate((one) => one.scrollWidth - one.clientWidth), 0);
      const tallest = await page.locator('.risers tbody tr').evaluateAll((rows) => Math.max(...rows.map((row) => row.offsetHeight)));
      assert.ok(tallest <= 48, `a row of ${tallest} px`);
    }));
}

for (const [width, colorScheme] of [[1280, 'light'], [360, 'dark']]) {
  test(`the report is one file that asks nobody, ${width} px, ${colorScheme}`, () => {
    const file = `file://${process.env.STARGAZE_REPORT}`;
    // Any request but the file itself counts as a foreign origin.
    return withPage({ viewport: { width, height: 900 }, colorScheme, offline: true }, async (page) => {
      await page.goto(file);
      assert.ok((await page.locator('tbody tr').count()) >= 20);
      assert.equal(await page.evaluate(() => performance.getEntriesByType('resource').length), 0);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, 'nothing wider than the page');
      if (width === 1280) {
        const cut = await page.locator('.scroll').evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).length);
        assert.equal(cut, 0, 'no table is cut off');
      }
      assert.equal(await page.locator('script, link, img, iframe, form').count(), 0);
      assert.deepEqual(await accessibilityViolations(page), []);
      await screenshot(page, `report-${width}-${colorScheme}`);
    }, [], file);
  });
}
