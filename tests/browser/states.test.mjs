// What a panel shows when all is not well: each state by itself, at the edge where it begins. Answers are bent on their way
// into the page; what is bent is the server's real answer.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { accessibilityViolations, address, closeBrowser, filled, open, screenshot, settled, withPage } from './browser.mjs';

after(closeBrowser);

const bundle = '**/api/v1/pages/trends?*';
const bundles = /\/api\/v1\/pages\/trends(\?|$)/;
const languages = [['en-GB', 'light', 1440], ['ko-KR', 'dark', 360]];
const widths = [360, 768, 1440];
const schemes = ['light', 'dark'];

// The real answer, changed by `bend`.
async function bent(page, pattern, bend) {
  await page.route(pattern, async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    bend(body);
    await route.fulfill({ response, json: body });
  });
}

function refusing(page, status, code) {
  return page.route(bundles, (route) => route.fulfill({
    status, contentType: 'application/problem+json', headers: { 'x-request-id': 'r-17' },
    body: JSON.stringify({ status, code, detail: 'what happened', remedy: 'what to do' }),
  }));
}

// The state as it stands, at every width and in both themes; the page is left as it was found.
async function wholeEverywhere(page, name, options) {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    for (const width of widths) {
      await page.setViewportSize({ ...options.viewport, width });
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      const where = `${name}, ${width} px, ${colorScheme}`;
      assert.deepEqual(await accessibilityViolations(page), [], where);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, `sideways scrolling: ${where}`);
      await screenshot(page, `state-${name}-${options.locale.slice(0, 2)}-${width}-${colorScheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: options.colorScheme });
  await page.setViewportSize(options.viewport);
}

for (const [locale, colorScheme, width] of languages) {
  const options = { locale, colorScheme, viewport: { width, height: 900 } };

  test(`first run: three steps and the demo, ${locale}`, () =>
    withPage(options, async (page) => {
      await page.goto('/');
      await page.locator('.first li').first().waitFor();
      assert.equal(await page.locator('.first li').count(), 3);
      assert.deepEqual(await page.locator('.first code').allInnerTexts(),
        ['GITHUB_TOKEN=… stargaze up', 'stargaze repo add duckdb/duckdb', 'stargaze dag run github_repo', 'stargaze demo']);
      await wholeEverywhere(page, 'first-run', options);
    }, [], process.env.STARGAZE_EMPTY_ADDRESS));

  test(`partial: says how much failed and where to read more, ${locale}`, () =>
    withPage(options, async (page) => {
      await bent(page, bundles, (body) => (body.data.last_attempt.failed_subjects = 1234));
      await open(page);
      const notice = page.locator('.notice', { hasText: '1,234' });
      await notice.waitFor();
      await wholeEverywhere(page, 'partial', options);
      await notice.getByRole('link').click();
      await page.waitForURL('**/data');
    }));

  test(`stale: after two days, not before; the data stays, ${locale}`, () =>
    withPage(options, async (page) => {
      let hours = 48;
      await bent(page, bundles, (body) => (body.data.now = new Date(Date.parse(`${body.data.day}T00:00:00Z`) + (24 + hours) * 3_600_000).toISOString()));
      await open(page);
      const notices = page.locator('.notice[role="status"]');
      assert.equal(await notices.count(), 0);
      hours = 49;
      await page.reload();
      await settled(page);
      assert.equal(await notices.count(), 1);
      assert.ok((await page.locator('table tbody tr').count()) > 10);
      await wholeEverywhere(page, 'stale', options);
    }));

  test(`error: what, what to do, request id, diagnostics without more, ${locale}`, () =>
    withPage({ ...options, permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
      await refusing(page, 503, 'unavailable');
      await page.goto('/');
      const alert = page.getByRole('alert');
      assert.match(await alert.innerText(), /what happened · what to do[\s\S]*unavailable · 503 · .*r-17/);
      await alert.getByRole('button').nth(1).click();
      const facts = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
      assert.deepEqual(Object.keys(facts), ['at', 'page', 'error']);
      assert.equal(facts.error.requestId, 'r-17');
      await wholeEverywhere(page, 'error', options);
    }, ['status of 503']));

  test(`forbidden: the server's own words, ${locale}`, () =>
    withPage(options, async (page) => {
      await refusing(page, 403, 'forbidden');
      await page.goto('/');
      assert.match(await page.getByRole('alert').innerText(), /what happened · what to do[\s\S]*forbidden · 403/);
      await wholeEverywhere(page, 'forbidden', options);
    }, ['status of 403']));

  test(`not found: a page and a table that are not there, ${locale}`, () =>
    withPage(options, async (page) => {
      await page.goto('/tables/repositry');
      await page.getByRole('alert').waitFor();
      await page.goto('/no/such/page');
      await page.locator('main a[href="/"]').waitFor();
      await wholeEverywhere(page, 'not-found', options);
      await page.locator('main a[href="/"]').click();
      await page.locator('table tbody tr').first().waitFor();
    }, ['status of 404']));

  test(`empty by nature: no new repository, a chart without a window, ${locale}`, () =>
    withPage(options, async (page) => {
      await bent(page, bundles, (body) => (body.new_repositories.rows = []));
      await bent(page, '**/pages/trends/sections/flow*', (body) => {
        body.languages = [];
        body.ranks = [];
      });
      await open(page);
      await page.evaluate(() => document.querySelector('.charts').scrollIntoView());
      await page.waitForFunction(() => document.querySelectorAll('[aria-busy="true"]').length === 0);
      const text = await page.locator('main').innerText();
      const none = locale === 'en-GB' ? ['None of the repositories that match was created', 'Not enough readings for this chart'] : ['30일 안에 생성된 것이 없습니다', '이 차트에 필요한 측정이 아직 부족합니다'];
      for (const words of none) assert.ok(text.includes(words), words);
      await wholeEverywhere(page, 'empty-nature', options);
    }));

  test(`loading: the page's shape, then the time and a way out, ${locale}`, () =>
    withPage(options, async (page) => {
      await page.clock.install();
      let release;
      const held = new Promise((resolve) => (release = resolve));
      await page.route(bundles, async (route) => {
        await held;
        await route.continue().catch(() => undefined);
      });
      await page.goto('/');
      await page.locator('[aria-busy="true"]').first().waitFor();
      await page.clock.runFor(300);
      assert.ok((await page.locator('.row.shown').count()) > 10);
      assert.equal(await page.locator('.cancel').count(), 0);
      await page.clock.runFor(3000);
      assert.match(await page.locator('.skeleton [role="status"]').first().innerText(), /3/);
      await wholeEverywhere(page, 'loading', options);
      await page.locator('.cancel').click();
      await page.getByRole('alert').waitFor();
      release();
      await page.unroute(bundles);
      await page.getByRole('alert').getByRole('button').first().click();
      await page.locator('table tbody tr').first().waitFor();
    }));

  test(`"≈" and "no reading" are said in the panel, ${locale}`, () =>
    withPage(options, async (page) => {
      await bent(page, bundles, (body) => {
        body.data.no_reading = 4321;
        body.risers.rows[0].coverage = 'stretched';
        body.risers.rows[1].velocity = null;
      });
      await open(page);
      const risers = page.locator('section[aria-labelledby="risers-title"]');
      assert.match(await risers.innerText(), /4,321/);
      if (width > 560) assert.match(await risers.locator('tbody tr').first().innerText(), /≈/);
      assert.match(await risers.locator('.caption').first().innerText(), /≈/);
      assert.match(await risers.locator('tbody tr').nth(1).innerText(), /–/);
      await wholeEverywhere(page, 'approximate', options);
    }));

  // A key of the catalogues, as in "empty_first" or "t.stars", and what a missing value prints.
  test(`no page shows a raw key or a missing value, ${locale}`, () =>
    withPage(options, async (page) => {
      for (const path of ['/', '/?q=there-is-no-such-name', '/data', '/tables', '/tables/repository', '/nowhere']) {
        await page.goto(path);
        await page.locator('main h1').waitFor();
        if (path === '/') await filled(page);
        await page.waitForFunction(() => document.querySelectorAll('[aria-busy="true"]').length === 0);
        const shown = await page.evaluate(() => {
          const said = [...document.querySelectorAll('main *, header *')].flatMap((one) => ['aria-label', 'title', 'placeholder'].map((name) => one.getAttribute(name)));
          return [document.querySelector('main').innerText, document.querySelector('header').innerText, ...said].join('\n');
        });
        assert.doesNotMatch(shown, /\b(undefined|NaN|\[object)/, path);
        // Elsewhere tables and columns are called so.
        if (path.startsWith('/?') || path === '/') assert.doesNotMatch(shown.replaceAll('trend_repository', ''), /\b[a-z]+_[a-z_]+\b/, path);
      }
    }));
}

test('offline: a server that was lost before the first answer is an error that can be tried again', () =>
  withPage({}, async (page) => {
    await page.route(bundle, (route) => route.abort());
    await page.route('**/api/v1/pages/trends', (route) => route.abort());
    await page.goto('/');
    await page.getByRole('alert').waitFor();
    await page.unrouteAll();
    await page.getByRole('alert').getByRole('button').first().click();
    await page.locator('table tbody tr').first().waitFor();
    assert.ok(page.url().startsWith(address));
  }, ['net::ERR_FAILED', 'Failed to fetch']));
