// Signing in on a server whose reads are not open: nothing is shown before, a code works once, an admin lets others in.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { accessibilityViolations, closeBrowser, screenshot, withPage } from './browser.mjs';

after(closeBrowser);

const server = process.env.STARGAZE_LOGIN_ADDRESS;
// Made when it is needed: a code is good for five minutes.
async function newCode() {
  const headers = { authorization: `Bearer ${process.env.STARGAZE_LOGIN_TOKEN}`, 'content-type': 'application/json' };
  const answer = await fetch(`${server}/api/v1/login-codes`, { method: 'POST', headers, body: '{"role":"admin"}' });
  return (await answer.json()).code;
}
// The browser itself reports every refused request.
const refused = ['status of 401'];
const inside = (page) => page.locator('main h1', { hasText: /Trends|추세/ });

for (const [locale, colorScheme, width] of [['en-GB', 'light', 1440], ['ko-KR', 'dark', 360]]) {
  test(`without a session only the way in is shown, ${locale}, ${colorScheme}`, () =>
    withPage({ locale, colorScheme, viewport: { width, height: 800 } }, async (page) => {
      await page.goto('/data');
      const field = page.locator('#login-code');
      await field.waitFor();
      assert.equal(await page.locator('table').count(), 0);
      await field.fill('0'.repeat(64));
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
      assert.ok(await field.evaluate((element) => element === document.activeElement));
      assert.deepEqual(await accessibilityViolations(page), []);
      await screenshot(page, `login-${colorScheme}-${locale.slice(0, 2)}`);
    }, refused, server));
}

test('a code opens a session once; an admin makes one for a viewer; signing out ends it', () =>
  withPage({}, async (page) => {
    await page.goto('/tables');
    await page.locator('#login-code').fill(`${server}/#login=${await newCode()}`);
    await page.keyboard.press('Enter');
    await page.locator('main h1', { hasText: 'Tables' }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/tables');
    await page.getByLabel('Account: Admin').click();
    await page.getByRole('button', { name: 'As Viewer' }).click();
    const invitation = await page.getByRole('textbox', { name: /signs somebody in/ }).inputValue();
    assert.deepEqual(await accessibilityViolations(page), []);
    await withPage({}, async (other) => {
      await other.goto(invitation);
      await inside(other).waitFor();
      assert.equal(new URL(other.url()).hash, '');
      await other.getByLabel('Account: Viewer').click();
      assert.equal(await other.getByRole('button', { name: 'As Viewer' }).count(), 0);
    }, refused, server);
    await withPage({}, async (late) => {
      await late.goto(invitation);
      await late.getByRole('alert').waitFor();
      assert.equal(new URL(late.url()).hash, '');
    }, refused, server);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('#login-code').waitFor();
    await page.reload();
    await page.locator('#login-code').waitFor();
  }, refused, server));
