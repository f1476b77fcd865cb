import { expect, test } from 'vitest';

import { labelShifts } from './chart_options';

test('labels of equal heights stand below each other, the others where they belong', () => {
  expect(labelShifts([0, 100, 0, 100, 200], 14)).toEqual([0, 0, 14, 14, 0]);
  expect(labelShifts([10, 12, 14], 14)).toEqual([0, 12, 24]);
  expect(labelShifts([], 14)).toEqual([]);
});
