// Fails when the first route or the whole page outgrows its budget.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const budgets = { js: 70_000, css: 14_000, all: 4_500_000 };
const sizes = { js: 0, css: 0, all: 0 };
for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const size = statSync(join(entry.parentPath, entry.name)).size;
  if (entry.name.endsWith('.js.gz')) sizes.js += size;
  if (entry.name.endsWith('.css.gz')) sizes.css += size;
  sizes.all += size;
}
let over = 0;
for (const [kind, budget] of Object.entries(budgets)) {
  console.log(`${kind}: ${sizes[kind]} of ${budget} bytes${kind === 'all' ? '' : ' (gzip)'}`);
  if (sizes[kind] > budget) over += 1;
}
process.exit(over === 0 ? 0 : 1);
