// How long until one sees the page and how long a click waits, in Chromium with a CPU four times slower, cold cache.
// STARGAZE_ADDRESS says where the server is. Prints one line of JSON.

import { address, closeBrowser, open, settled, withPage } from '../../tests/browser/browser.mjs';

const times = Number(process.argv[2] ?? 5);
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const paints = [];
const delays = [];
const durations = [];
for (let i = 0; i < times; i += 1) {
  await withPage({ baseURL: address }, async (page) => {
    const debug = await page.context().newCDPSession(page);
    await debug.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await page.addInitScript(() => {
      globalThis.paint = 0;
      globalThis.inputs = [];
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => (globalThis.paint = entry.startTime))).observe({ type: 'largest-contentful-paint', buffered: true });
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
        if (entry.interactionId !== 0) globalThis.inputs.push([entry.processingStart - entry.startTime, entry.duration]);
      })).observe({ type: 'event', durationThreshold: 16, buffered: true });
    });
    await open(page);
    paints.push(await page.evaluate(() => globalThis.paint));
    // Each changes the whole page's numbers.
    for (const nth of [3, 0, 1]) {
      await page.locator('[aria-labelledby="window"] button').nth(nth).click();
      await settled(page);
      await page.keyboard.press('Tab');
    }
    await page.waitForTimeout(500);
    for (const [delay, duration] of await page.evaluate(() => globalThis.inputs)) {
      delays.push(delay);
      durations.push(duration);
    }
  });
}
await closeBrowser();
console.log(JSON.stringify({ loads: times, lcp_ms: median(paints), inputs: delays.length, input_delay_ms: Math.max(0, ...delays), interaction_ms: Math.max(0, ...durations) }));
