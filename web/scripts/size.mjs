// Fails when the first route, or all that a whole page loads (charts and Latin font too), outgrows its budget.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const budgets = { first: 70_000, css: 14_000, page: 300_000, all: 4_500_000 };
const sizes = { first: 0, css: 0, page: 0, all: 0 };
const first = new Set([...readFileSync('dist/index.html', 'utf8').matchAll(/assets\/([^"]+\.js)/g)].map((match) => match[1] + '.gz'));
for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const size = statSync(join(entry.parentPath, entry.name)).size;
  if (first.has(entry.name)) sizes.first += size;
  if (/\.(js|css)\.gz$/.test(entry.name) || /-latin-wght.*woff2$/.test(entry.name)) sizes.page += size;
  if (entry.name.endsWith('.css.gz')) sizes.css += size;
  sizes.all += size;
}
let over = 0;
for (const [kind, budget] of Object.entries(budgets)) {
  console.log(`${kind}: ${sizes[kind]} of ${budget} bytes${kind === 'all' ? '' : ' (gzip)'}`);
  if (sizes[kind] > budget) over += 1;
}
process.exit(over === 0 ? 0 : 1);
