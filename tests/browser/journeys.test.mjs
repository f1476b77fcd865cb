// The journeys of a user who has a keyboard only: from the first look to a chart (J1), filters that reload and Back
// keep (J2), a link that shows the same table later (J3). At three widths, in both themes and both languages.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { accessibilityViolations, closeBrowser, open, screenshot, settled, withPage } from './browser.mjs';

after(closeBrowser);

const top = 'section[aria-labelledby="top-title"] tbody';

// Steps from where one is to the element; who cannot get there by Tab has no way.
async function tabTo(page, locator, most = 150) {
  await locator.first().waitFor();
  for (let i = 0; i < most; i += 1) {
    if (await locator.first().evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`Tab does not reach ${locator}`);
}

// What must not happen while somebody reads, counted from the first paint on.
async function watch(page) {
  await page.addInitScript(() => {
    globalThis.shift = 0;
    globalThis.moved = [];
    globalThis.refused = [];
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
      if (entry.hadRecentInput) return;
      globalThis.shift += entry.value;
      for (const source of entry.sources) globalThis.moved.push(`${entry.value.toFixed(3)} ${source.node?.className ?? source.node?.nodeName}`);
    })).observe({ type: 'layout-shift', buffered: true });
    document.addEventListener('securitypolicyviolation', (event) => globalThis.refused.push(event.violatedDirective));
  });
}

async function undisturbed(page) {
  const [shift, moved, refused] = await page.evaluate(() => [globalThis.shift, globalThis.moved, globalThis.refused]);
  assert.deepEqual(refused, []);
  assert.ok(shift <= 0.05, `layout shift ${shift}: ${moved.join('; ')}`);
  assert.deepEqual(await accessibilityViolations(page), []);
}

// J1: what is rising, and a chart that says its values.
async function firstLook(page) {
  await open(page);
  assert.match(await page.locator('dl.headline').innerText(), /\d/);
  await undisturbed(page);
  await tabTo(page, page.locator('.skip'));
  await page.keyboard.press('Enter');
  await tabTo(page, page.locator('section[aria-labelledby="risers-title"] .segments button'));
  const plot = page.getByRole('application').first();
  await page.locator('.charts').evaluate((charts) => charts.scrollIntoView());
  await page.locator('.plot svg').nth(2).waitFor();
  await tabTo(page, plot);
  await page.keyboard.press('ArrowRight');
  const live = page.locator('figure').first().getByRole('status');
  await page.waitForFunction((element) => /\d/.test(element.textContent), await live.elementHandle());
}

// J2: a licence class, a language, the order by acceleration.
async function narrow(page) {
  await open(page);
  for (const [nth, key] of [[0, 'lic='], [1, 'lang=']]) {
    const menu = page.locator('.controls details.menu').nth(nth);
    await tabTo(page, menu.locator('summary'));
    await page.keyboard.press('Enter');
    await tabTo(page, menu.locator('input:not(:disabled)'), 3);
    await page.keyboard.press('Space');
    await page.waitForURL((url) => url.search.includes(key));
    await page.keyboard.press('Escape');
    assert.ok(await menu.locator('summary').evaluate((element) => element === document.activeElement), 'Escape leads back');
    await settled(page);
  }
  const order = page.locator('section[aria-labelledby="risers-title"] .segments button').nth(1);
  await tabTo(page, order);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.search.includes('rise=accel'));
  await settled(page);
  assert.equal(await order.getAttribute('aria-pressed'), 'true');
  const before = await page.locator('table tbody').allInnerTexts();
  await page.reload();
  await settled(page);
  assert.deepEqual((await page.locator('table tbody').allInnerTexts()).slice(0, 2), before.slice(0, 2));
  await page.goBack();
  await page.waitForURL((url) => !url.search.includes('rise=accel') && url.search.includes('lang='));
  await settled(page);
  await undisturbed(page);
}

// J3: an earlier day, its link copied, and the same table from the link.
async function pin(page) {
  await open(page);
  await tabTo(page, page.locator('input[type="date"]'));
  await page.keyboard.press('ArrowRight'); // From the month to the day.
  await page.keyboard.press('ArrowDown');
  await page.waitForURL((url) => url.search.includes('asof='));
  await settled(page);
  await tabTo(page, page.locator('.actions button').last(), 8);
  await page.keyboard.press('Enter');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /asof=\d{4}-\d\d-\d\d/);
  const table = await page.locator(top).innerText();
  await page.goto(link);
  await settled(page);
  assert.equal(await page.locator(top).innerText(), table);
  await undisturbed(page);
}

for (const locale of ['en-GB', 'ko-KR']) {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [360, 768, 1440]) {
      for (const [name, journey] of [['J1', firstLook], ['J2', narrow], ['J3', pin]]) {
        test(`${name} by keyboard at ${width} px, ${colorScheme}, ${locale}`, () =>
          withPage({ viewport: { width, height: 900 }, colorScheme, locale, permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
            await watch(page);
            await journey(page);
            await screenshot(page, `${name}-${width}-${colorScheme}-${locale.slice(0, 2)}`);
          }));
      }
    }
  }
}
