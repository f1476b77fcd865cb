// A page in Debian's Chromium, and what must hold for each: no console error, no CSP violation, no foreign origin.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';

// The dashboard's own packages: no second lock file for two libraries.
const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axeSource = require.resolve('axe-core/axe.min.js');

export const address = process.env.STARGAZE_ADDRESS;
const executablePath = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path));
const screenshots = process.env.SCREENSHOTS ?? '';
let browser = null;

export async function closeBrowser() {
  await browser?.close();
  browser = null;
}

// Runs `body` with a page of its own; `options` as for Playwright's browser.newContext. Errors that a test provokes by
// itself are named in `expected`.
export async function withPage(options, body, expected = [], origin = address) {
  browser ??= await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, baseURL: origin, acceptDownloads: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const wrong = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) wrong.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => wrong.push(`page: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url())) wrong.push(`foreign origin: ${request.url()}`);
  });
  try {
    await body(page);
    assert.deepEqual(wrong.filter((line) => !expected.some((text) => line.includes(text))), []);
  } finally {
    await context.close();
  }
}

// What is shown answers the address bar, not an earlier question.
export async function settled(page) {
  await page.locator('[aria-busy="false"]').waitFor();
}

// Every panel has its answer; on any page.
export async function filled(page) {
  await page.locator('main table tbody tr').first().waitFor();
  // Charts ask for their numbers when they come near the screen.
  await page.evaluate(() => document.querySelector('.charts')?.scrollIntoView());
  await page.waitForFunction(() => document.querySelectorAll('[aria-busy="true"]').length === 0);
  await page.evaluate(() => scrollTo(0, 0));
}

// Opens a path of the Trends page and waits until its numbers are there.
export async function open(page, path = '/') {
  await page.goto(path);
  await page.locator('table tbody tr').first().waitFor();
  await settled(page);
}

// Brings the charts, which load when they come near the screen, and waits until all three are drawn.
export async function charts(page) {
  await page.evaluate(() => document.querySelector('.charts').scrollIntoView());
  await page.locator('.plot svg').nth(2).waitFor();
}

// Does something that changes the page's state, and waits for the address and for the answer.
export async function changed(page, act, text) {
  await act();
  await page.waitForURL((url) => url.search.includes(text));
  await settled(page);
}

export async function accessibilityViolations(page) {
  // Through the debugger: the page's own policy allows no foreign script.
  const { readFileSync } = await import('node:fs');
  await page.evaluate(readFileSync(axeSource, 'utf8'));
  const result = await page.evaluate(() => globalThis.axe.run());
  return result.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

export async function screenshot(page, name) {
  if (screenshots === '') return;
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true });
}

// The texts of one column of the table with this caption.
export function column(page, caption, number) {
  return page.locator('table', { has: page.locator('caption', { hasText: caption }) }).locator(`tbody tr > :nth-child(${number})`).allInnerTexts();
}

export const numberOf = (text) => Number(text.replace(/[^0-9.-]/g, ''));
