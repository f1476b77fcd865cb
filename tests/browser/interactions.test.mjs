import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';

import { accessibilityViolations, address, charts, closeBrowser, column, open, settled, withPage } from './browser.mjs';

after(closeBrowser);

const repositories = /All repositories/;
const until = (page, text) => page.waitForURL((url) => decodeURIComponent(url.search).includes(text));

test('J2: licence class and language narrow the table, acceleration orders the risers; reload and back restore', () =>
  withPage({}, async (page) => {
    await open(page);
    await page.locator('summary', { hasText: 'Licence class' }).click();
    await page.getByRole('checkbox', { name: /^Permissive/ }).check();
    await until(page, 'lic=class:permissive');
    await page.keyboard.press('Escape');
    await page.locator('summary', { hasText: 'Language' }).click();
    const option = page.locator('details[open] label:not(.off)').first();
    const language = (await option.locator('span').first().innerText()).trim();
    await option.getByRole('checkbox').check();
    await until(page, 'lang=');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Acceleration' }).click();
    await until(page, 'rise=accel');
    await settled(page);
    const rows = await page.evaluate((query) => fetch('/api/v1/pages/trends' + query).then((answer) => answer.json()), new URL(page.url()).search);
    assert.ok(rows.repositories.matching > 0);
    assert.ok(rows.repositories.rows.every((row) => row.language === language));
    const before = await column(page, repositories, 1);
    await page.reload();
    await settled(page);
    assert.deepEqual(await column(page, repositories, 1), before);
    await page.goBack();
    await page.waitForURL((url) => !url.search.includes('rise=accel') && url.search.includes('lang='));
  }));

test('J3: a link with the day pinned gives the same table', () =>
  withPage({}, async (page) => {
    await page.goto('/');
    await page.locator('table tbody tr').first().waitFor();
    const bundle = await page.evaluate(() => fetch('/api/v1/pages/trends').then((answer) => answer.json()));
    const day = new Date(Date.parse(bundle.data.day) - 3 * 86_400_000).toISOString().slice(0, 10);
    const ask = () => page.evaluate((asof) => fetch(`/api/v1/pages/trends/risers.csv?asof=${asof}`).then((answer) => answer.text()), day);
    assert.equal(await ask(), await ask());
    await open(page, `/?asof=${day}`);
    const first = await page.locator('main table').first().innerText();
    await page.reload();
    await page.locator('table tbody tr').first().waitFor();
    assert.equal(await page.locator('main table').first().innerText(), first);
    await page.getByRole('button', { name: 'Newest' }).click();
    await page.waitForURL((url) => !url.search.includes('asof'));
  }));

test('J5: a chart is read by keyboard alone, and says its values', () =>
  withPage({}, async (page) => {
    await open(page);
    await charts(page);
    const plots = page.getByRole('application');
    assert.equal(await plots.count(), 3);
    for (let i = 0; i < 3; i += 1) {
      await plots.nth(i).focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      const live = page.locator('figure').nth(i).getByRole('status');
      await page.waitForFunction((element) => element.textContent.trim() !== '', await live.elementHandle());
      assert.match(await live.innerText(), /\d/);
    }
    await page.locator('figure').first().getByRole('button', { name: /^Table:/ }).click();
    await page.locator('figure').first().locator('tbody tr').nth(10).waitFor();
    assert.deepEqual(await accessibilityViolations(page), []);
  }));

test('J7: exports are whole, a chart is saved as SVG and PNG', () =>
  withPage({}, async (page) => {
    await open(page);
    await charts(page);
    const save = async (name) => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name, exact: true }).click()]);
      return readFileSync(await download.path());
    };
    await page.locator('summary[aria-label="Export Small and fast, or just big?"]').click();
    const svg = (await save('SVG')).toString();
    assert.match(svg, /^<svg [\s\S]*<\/svg>$/);
    assert.ok(!svg.includes('style='));
    const png = await save('PNG');
    assert.equal(png.subarray(1, 4).toString(), 'PNG');
    assert.ok(png.readUInt32BE(16) > 600);
    const json = await page.evaluate(() => fetch('/api/v1/pages/trends/repositories.json').then((answer) => answer.json()));
    const lines = await page.evaluate(() => fetch('/api/v1/pages/trends/repositories.ndjson').then((answer) => answer.text()));
    assert.equal(lines.trim().split('\n').length, json.rows.length);
    assert.ok(json.rows.length > 50);
  }));

test('every panel says how it is computed, with its statement', () =>
  withPage({}, async (page) => {
    await open(page);
    await charts(page);
    const buttons = page.getByRole('button', { name: /^How is/ });
    assert.equal(await buttons.count(), 8);
    for (let i = 0; i < 8; i += 1) {
      await buttons.nth(i).click();
      const dialog = page.getByRole('dialog');
      await dialog.locator('pre', { hasText: 'SELECT' }).waitFor();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
    }
  }));

test('columns are chosen, rows of the top list too, and the address keeps it', () =>
  withPage({}, async (page) => {
    await open(page);
    const heads = page.locator('.risers thead th');
    const before = await heads.count();
    await page.locator('summary', { hasText: 'Columns' }).click();
    await page.getByRole('checkbox', { name: '28 days' }).uncheck();
    await until(page, 'cols=spark');
    assert.equal(await heads.count(), before - 1);
    await page.getByLabel('Rows', { exact: true }).selectOption('25');
    await until(page, 'n=25');
    await page.locator('section[aria-labelledby="top-title"] tbody tr').nth(24).waitFor();
  }));

test('what the filters leave nothing of cannot be chosen; the filter in the way is named', () =>
  withPage({}, async (page) => {
    await open(page, '/?lang=Go');
    await settled(page);
    const bundle = await page.evaluate(() => fetch('/api/v1/pages/trends?lang=Go').then((answer) => answer.json()));
    const counts = [...bundle.licenses.map((one) => one.count),
      ...bundle.license_classes.map((name) => bundle.licenses.filter((one) => one.class === name).reduce((sum, one) => sum + one.count, 0))];
    const none = counts.filter((count) => count === 0).length;
    assert.ok(none > 0 && none < counts.length, JSON.stringify(counts));
    await page.locator('summary', { hasText: 'Licence class' }).click();
    // A menu's content is made when it opens, after the click.
    await page.locator('details[open] input').nth(counts.length - 1).waitFor();
    assert.equal(await page.locator('details[open] input').count(), counts.length);
    assert.equal(await page.locator('details[open] input:disabled').count(), none);
    await page.goto('/?lang=Go&q=there-is-no-such-name');
    await page.getByText('q=there-is-no-such-name').waitFor();
  }));

test('the layout does not shift, and nothing breaks the policy', () =>
  withPage({ viewport: { width: 1440, height: 900 } }, async (page) => {
    await page.addInitScript(() => {
      globalThis.shift = 0;
      globalThis.refused = [];
      globalThis.moved = [];
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
        if (!entry.hadRecentInput) globalThis.shift += entry.value;
        for (const source of entry.sources) globalThis.moved.push(`${entry.value.toFixed(3)} ${source.node?.className ?? source.node?.nodeName}`);
      })).observe({ type: 'layout-shift', buffered: true });
      document.addEventListener('securitypolicyviolation', (event) => globalThis.refused.push(event.violatedDirective));
    });
    await open(page);
    await settled(page);
    await charts(page);
    await page.waitForTimeout(300);
    const [shift, refused, moved] = await page.evaluate(() => [globalThis.shift, globalThis.refused, globalThis.moved]);
    assert.deepEqual(refused, []);
    assert.ok(shift <= 0.05, `layout shift ${shift}: ${moved.join('; ')}`);
  }));

test('a lost server is said, what was shown stays, and it comes back by itself', () =>
  withPage({}, async (page) => {
    await open(page);
    await page.route('**/api/v1/pages/trends?*', (route) => route.abort());
    await page.getByRole('button', { name: '28d' }).click();
    await page.getByText('The server does not answer').waitFor();
    assert.ok((await page.locator('table tbody tr').count()) > 10);
    await page.unroute('**/api/v1/pages/trends?*');
    await page.getByText('The server does not answer').waitFor({ state: 'hidden' });
  }, ['net::ERR_FAILED', 'Failed to fetch']));

test('widgets and feeds answer, and foreign text in them is escaped', () =>
  withPage({}, async (page) => {
    await page.goto('/data');
    const parse = (path, type) => page.evaluate(async ([url, kind]) => {
      const answer = await fetch(url);
      // Parsed inside the page, whose policy refuses the picture's own style.
      const text = (await answer.text()).replace(/<style>.*<\/style>/, '');
      return [answer.status, new DOMParser().parseFromString(text, kind).querySelector('parsererror') === null];
    }, [path, type]);
    for (const path of ['/w/badge.svg?repo=%3Cscript%3E/%26', '/w/spark.svg?repo=a/b&theme=dark', '/w/stars.svg?repo=a/b&hl=ko'])
      assert.deepEqual(await parse(path, 'image/svg+xml'), [200, true], path);
    assert.deepEqual(await parse('/feeds/trends.atom?q=a%26b%3C', 'application/xml'), [200, true]);
    const feed = await page.evaluate(() => fetch('/feeds/trends.json').then((answer) => answer.json()));
    assert.equal(feed.version, 'https://jsonfeed.org/version/1.1');
    assert.equal(feed.items.length, 25);
  }));

for (const locale of ['en-GB', 'ko-KR']) {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [360, 768, 1440]) {
      test(`whole page at ${width} px, ${colorScheme}, ${locale}: no violation, no scrolling sideways`, () =>
        withPage({ viewport: { width, height: 900 }, colorScheme, locale }, async (page) => {
          for (const path of ['/', '/data']) {
            await page.goto(address + path);
            await page.locator('section.panel table').first().waitFor();
            if (path === '/') await charts(page);
            assert.deepEqual(await accessibilityViolations(page), []);
            assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
          }
        }));
    }
  }
}
