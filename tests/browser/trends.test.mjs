import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';

import { accessibilityViolations, address, changed, charts, closeBrowser, column, filled, numberOf, open, screenshot, settled, withPage } from './browser.mjs';

after(closeBrowser);

const repositories = /All repositories/;
const top = 'section[aria-labelledby="top-title"] tbody tr';
const press = (page, name) => page.getByRole('group', { name: 'Metric' }).getByRole('button', { name }).click();
const sorted = (values, compare) => assert.deepEqual(values, [...values].sort(compare));

test('the page shows a top 10, risers and all repositories, marked as sandbox', () =>
  withPage({}, async (page) => {
    await open(page);
    assert.equal(await page.locator(top).count(), 10);
    assert.ok((await page.locator('table').count()) >= 2);
    assert.equal((await column(page, repositories, 1)).length, 50);
    await page.getByRole('complementary').filter({ hasText: /sandbox/i }).waitFor();
    const panels = await page.locator('section.panel').count();
    assert.ok(panels >= 3);
    // Each panel says where its numbers come from and of which day.
    assert.equal(await page.locator('section.panel', { hasText: /GitHub REST|GitHub search/ }).filter({ hasText: /\d{4}-\d\d-\d\d/ }).count(), panels);
    await screenshot(page, 'trends-light');
  }));

test('forks instead of stars: list, title and address change', () =>
  withPage({}, async (page) => {
    await open(page);
    const stars = await page.locator(top).allInnerTexts();
    await changed(page, () => press(page, 'Forks'), 'm=forks');
    await page.getByRole('heading', { name: /forks/i }).first().waitFor();
    const forks = await page.locator(top).allInnerTexts();
    assert.equal(forks.length, 10);
    assert.notDeepEqual(forks, stars);
  }));

test('a licence leaves only its repositories, and its count says how many', () =>
  withPage({}, async (page) => {
    await open(page);
    const chip = page.getByRole('group', { name: /licen/i }).getByRole('button').nth(1);
    const [label] = (await chip.innerText()).split(/\s+(?=[\d,]+$)/);
    const count = numberOf((await chip.innerText()).split(/\s+/).at(-1));
    const answered = page.waitForResponse((response) => /pages\/trends\?.*lic=/.test(response.url()));
    await chip.click();
    const bundle = await (await answered).json();
    assert.equal(bundle.repositories.matching, count);
    await settled(page);
    const licenses = new Set(await column(page, repositories, 4));
    assert.deepEqual([...licenses], [label.trim()]);
  }));

test('a column header orders the rows, and turns them round', () =>
  withPage({}, async (page) => {
    await open(page);
    const header = page.getByRole('columnheader', { name: /^Forks/ }).last();
    await changed(page, () => header.getByRole('button').click(), 'sort=forks');
    await page.locator('th[aria-sort="descending"]', { hasText: 'Forks' }).waitFor();
    sorted((await column(page, repositories, 6)).map(numberOf), (a, b) => b - a);
    await changed(page, () => header.getByRole('button').click(), 'dir=asc');
    await page.locator('th[aria-sort="ascending"]', { hasText: 'Forks' }).waitFor();
    sorted((await column(page, repositories, 6)).map(numberOf), (a, b) => a - b);
  }));

test('reload keeps the whole state, back returns to the one before', () =>
  withPage({}, async (page) => {
    await open(page);
    await changed(page, () => press(page, 'Forks'), 'm=forks');
    await changed(page, () => page.getByRole('button', { name: '28d' }).click(), 'w=28d');
    await charts(page);
    const before = await page.locator('main').innerText();
    await page.reload();
    await settled(page);
    await charts(page);
    assert.equal(await page.locator('main').innerText(), before);
    await page.goBack();
    await page.waitForURL((url) => url.search.includes('m=forks') && !url.search.includes('w=28d'));
    assert.equal(await page.getByRole('group', { name: 'Metric' }).getByRole('button', { name: 'Forks' }).getAttribute('aria-pressed'), 'true');
  }));

test('the exported file has every row of the filter, not of the page', () =>
  withPage({}, async (page) => {
    await open(page, '/?lic=mit');
    const matching = await page.evaluate(() => fetch('/api/v1/pages/trends?lic=mit').then((answer) => answer.json()).then((bundle) => bundle.repositories.matching));
    const downloads = page.locator('a[download][href*="repositories.csv"]');
    await page.locator('summary[aria-label="Export All repositories"]').click();
    const [download] = await Promise.all([page.waitForEvent('download'), downloads.click()]);
    const lines = readFileSync(await download.path(), 'utf8').trim().split('\r\n');
    assert.ok(matching > 50);
    assert.equal(lines.length - 1, matching);
    const license = lines[0].split(',').indexOf('license_key');
    assert.ok(lines.slice(1).every((line) => line.split(',')[license] === 'mit'));
  }));

test('Korean is complete: no English text of the page is left', () =>
  withPage({}, async (page) => {
    await open(page);
    const own = (text) => text.split('\n').map((line) => line.trim()).filter((line) => /^[A-Z][a-z]+( [a-z]+)+$/.test(line));
    const english = new Set(own(await page.locator('body').innerText()));
    assert.ok(english.size > 3);
    await page.getByRole('button', { name: '한국어' }).click();
    await page.locator('html[lang="ko"]').waitFor();
    const left = own(await page.locator('body').innerText()).filter((line) => english.has(line));
    assert.deepEqual(left, []);
    await page.reload();
    await page.locator('html[lang="ko"]').waitFor();
    await page.locator(top).first().waitFor();
    await screenshot(page, 'trends-ko');
    assert.deepEqual(await accessibilityViolations(page), []);
  }));

test('dark is dark, and stays so', () =>
  withPage({}, async (page) => {
    await open(page);
    const brightness = () => page.evaluate(() => {
      const [r, g, b] = getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).map(Number);
      return (r + g + b) / 3;
    });
    assert.ok((await brightness()) > 200);
    await page.getByLabel('Theme').selectOption('dark');
    assert.ok((await brightness()) < 60);
    await page.reload();
    await page.locator(top).first().waitFor();
    assert.ok((await brightness()) < 60);
    await screenshot(page, 'trends-dark');
    assert.deepEqual(await accessibilityViolations(page), []);
  }));

test('nothing found: the page says so and takes the filters away', () =>
  withPage({}, async (page) => {
    await page.goto('/?q=there-is-no-such-name');
    await page.getByRole('heading', { name: /^0 of [\d,]+ match/ }).waitFor();
    await page.getByRole('status').getByRole('button', { name: /remove/i }).click();
    await page.locator(top).first().waitFor();
    assert.equal(new URL(page.url()).search.includes('q='), false);
  }));

test('a failed request is said, and tried again on demand', () =>
  withPage({}, async (page) => {
    await page.route('**/api/v1/pages/trends*', (route) => route.abort());
    await page.goto('/');
    await page.getByRole('alert').waitFor();
    await screenshot(page, 'trends-error');
    await page.unroute('**/api/v1/pages/trends*');
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
    await page.locator(top).first().waitFor();
    assert.equal(await page.getByRole('alert').count(), 0);
  }, ['net::ERR_FAILED', 'Failed to fetch']));

test('while it loads, the page shows its shape', () =>
  withPage({}, async (page) => {
    let release;
    const held = new Promise((resolve) => (release = resolve));
    await page.route('**/api/v1/pages/trends*', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto('/');
    await page.locator('[aria-busy="true"]').first().waitFor();
    release();
    await page.locator(top).first().waitFor();
    await page.evaluate(() => document.querySelector('.charts').scrollIntoView());
    await page.waitForFunction(() => document.querySelectorAll('[aria-busy="true"]').length === 0);
  }));

test('the keyboard reaches the controls, and one sees where it is', () =>
  withPage({}, async (page) => {
    await open(page);
    const reached = new Set();
    for (let i = 0; i < 45; i += 1) {
      await page.keyboard.press('Tab');
      const [name, visible] = await page.evaluate(() => {
        const element = document.activeElement;
        const style = getComputedStyle(element);
        return [element.textContent.trim() || element.outerHTML.slice(0, 80), style.outlineStyle !== 'none' || style.boxShadow !== 'none'];
      });
      reached.add(name);
      assert.ok(visible, `no visible focus on '${name}'`);
    }
    for (const name of ['Stars', 'Forks', '7d', '28d']) assert.ok(reached.has(name), `${name} is not reached by Tab: ${[...reached]}`);
  }));

for (const width of [1440, 768, 360]) {
  for (const path of ['/', '/data', '/tables', '/tables/repository_snapshot']) {
    test(`${path} at ${width} px: no violation, no scrolling sideways`, () =>
      withPage({ viewport: { width, height: 800 } }, async (page) => {
        await page.goto(address + path);
        await page.locator('main h1').waitFor();
        await filled(page);
        await screenshot(page, `${path.replaceAll('/', '_')}-${width}`);
        assert.deepEqual(await accessibilityViolations(page), []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
      }));
  }
}
