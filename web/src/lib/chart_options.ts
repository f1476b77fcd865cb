// From the server's numbers to what a chart draws and what its cursor says. Knows no library but its option's shape.
import type { FlowSection, ScatterRow } from './api';
import { compact, integer, rate, type Locale } from './format';
import type { Texts } from './en';

export interface CursorPoint { label: string; text: string; at: [number, number] }
export interface Series { name: string; color: number; points: CursorPoint[] }
export interface Colors { text: string; muted: string; hairline: string; surface: string; series: string[] }
// What a chart is of: plain data, so that it can be drawn on another thread.
export type ChartQuestion =
  | { kind: 'scatter'; rows: ScatterRow[]; classes: string[] }
  | { kind: 'languages'; rows: FlowSection['languages'] }
  | { kind: 'flow'; rows: FlowSection['ranks'] };
export interface ChartModel { series: Series[]; option: (colors: Colors, width: number) => Record<string, unknown> }

export const otherColor = 6;
const shapes: Record<string, string> = { permissive: 'circle', weak: 'triangle', strong: 'diamond', source_available: 'rect', other: 'roundRect', none: 'pin' };

const axisText = (colors: Colors) => ({ color: colors.muted, fontSize: 12, fontFamily: 'Geist Variable, system-ui, sans-serif' });
const lines = (colors: Colors) => ({ show: true, lineStyle: { color: colors.hairline } });

function scatterModel(rows: ScatterRow[], classes: string[], t: Texts, locale: Locale): ChartModel {
  const series = classes
    .map((name, color) => ({
      key: name, name: t.class_names[name] ?? name, color,
      points: rows.filter((row) => row.class === name).map((row) => ({
        label: row.full_name, at: [row.value, row.percent] as [number, number],
        text: `${integer(locale, row.value)}, +${rate(locale, row.percent)} %`,
      })),
    }))
    .filter((one) => one.points.length > 0);
  return {
    series,
    option: (colors) => ({
      grid: { left: 52, right: 16, top: 28, bottom: 44 },
      xAxis: { type: 'log', min: 'dataMin', max: 'dataMax', name: t.scatter_x, nameLocation: 'middle', nameGap: 28, nameTextStyle: axisText(colors), splitLine: { show: false }, axisLine: lines(colors), axisLabel: { ...axisText(colors), hideOverlap: true, formatter: (value: number) => compact(locale, value) } },
      yAxis: { type: 'log', name: t.scatter_y, nameTextStyle: { ...axisText(colors), align: 'left', padding: [0, 0, 0, -44] }, splitLine: lines(colors), axisLabel: { ...axisText(colors), formatter: (value: number) => `${value} %` } },
      series: series.map((one) => ({ type: 'scatter', silent: true, symbol: shapes[one.key] ?? 'circle', symbolSize: 9, itemStyle: { color: colors.series[one.color], opacity: 0.75, borderColor: colors.surface, borderWidth: 1 }, data: one.points.map((point) => point.at) })),
    }),
  };
}

// Shares per window, oldest first; what is not among the six largest is "other".
export function languageShares(rows: FlowSection['languages']): { days: string[]; languages: string[]; shares: number[][] } {
  const totals = new Map<string, number>();
  for (const row of rows) totals.set(row.language, (totals.get(row.language) ?? 0) + row.gain);
  const largest = [...totals].filter(([, gain]) => gain > 0).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 6).map(([language]) => language);
  const steps = [...new Map(rows.map((row) => [row.step, row.day]))].sort((a, b) => b[0] - a[0]);
  const languages = [...largest, 'other'];
  const shares = languages.map((language) =>
    steps.map(([step]) => {
      const inStep = rows.filter((row) => row.step === step);
      const all = inStep.reduce((sum, row) => sum + row.gain, 0);
      const own = inStep.filter((row) => (language === 'other' ? !largest.includes(row.language) : row.language === language)).reduce((sum, row) => sum + row.gain, 0);
      return all === 0 ? 0 : (100 * own) / all;
    }),
  );
  return { days: steps.map(([, day]) => day), languages, shares };
}

function languageModel(rows: FlowSection['languages'], t: Texts, locale: Locale): ChartModel {
  const { days, languages, shares } = languageShares(rows);
  const sums = days.map(() => 0);
  const series = languages.map((language, i) => ({
    name: language === 'other' ? t.language_other : language === 'none' ? t.language_none : language,
    color: language === 'other' ? otherColor : i,
    points: days.map((day, at) => {
      sums[at] = (sums[at] ?? 0) + (shares[i]?.[at] ?? 0);
      return { label: day, text: `${rate(locale, shares[i]?.[at] ?? 0)} %`, at: [at, sums[at] ?? 0] as [number, number] };
    }),
  }));
  return {
    series,
    option: (colors) => ({
      grid: { left: 44, right: 96, top: 12, bottom: 28 },
      xAxis: { type: 'category', boundaryGap: false, data: days.map((day) => day.slice(5)), axisLine: lines(colors), axisTick: { show: false }, axisLabel: { ...axisText(colors), hideOverlap: true } },
      yAxis: { type: 'value', min: 0, max: 100, splitLine: lines(colors), axisLabel: { ...axisText(colors), formatter: '{value} %' } },
      series: series.map((one, i) => ({ type: 'line', silent: true, stack: 'share', symbol: 'none', name: one.name, lineStyle: { width: 1, color: colors.surface }, areaStyle: { color: colors.series[one.color], opacity: 0.9 }, endLabel: { show: (shares[i]?.at(-1) ?? 0) > 4, formatter: one.name, ...axisText(colors), color: colors.text }, labelLayout: { moveOverlap: 'shiftY' }, data: shares[i] })),
    }),
  };
}

// How far each label moves down, so that those of equal ranks stand below each other: heights from the top, in pixels.
export function labelShifts(tops: number[], line: number): number[] {
  const order = tops.map((_, i) => i).sort((a, b) => tops[a]! - tops[b]! || a - b);
  const shifts = tops.map(() => 0);
  let free = -Infinity;
  for (const i of order) {
    const top = Math.max(tops[i]!, free);
    shifts[i] = top - tops[i]!;
    free = top + line;
  }
  return shifts;
}

function flowModel(rows: FlowSection['ranks'], t: Texts, locale: Locale): ChartModel {
  const steps = [...new Map(rows.map((row) => [row.step, row.day]))].sort((a, b) => b[0] - a[0]);
  const deepest = 15; // A rank below is drawn at the edge; the table has the number.
  const names = rows.filter((row) => row.step === 0).map((row) => row.full_name);
  const series = names.map((name, i) => ({
    name: name.slice(name.indexOf('/') + 1), color: i < 6 ? i : otherColor,
    points: steps.flatMap(([step, day], at) => {
      const row = rows.find((one) => one.full_name === name && one.step === step);
      return row === undefined ? [] : [{ label: `${name} · ${day}`, text: `${t.flow_rank} ${integer(locale, row.rank)}, +${integer(locale, row.gain)}`, at: [at, Math.min(row.rank, deepest)] as [number, number] }];
    }),
  }));
  const plotHeight = 280; // Of the chart's 320 what the grid below leaves.
  const shifts = labelShifts(series.map((one) => (((one.points.at(-1)?.at[1] ?? deepest) - 1) / (deepest - 1)) * plotHeight), 14);
  return {
    series,
    option: (colors, width) => ({
      grid: { left: 40, right: Math.min(150, width * 0.36), top: 12, bottom: 28 },
      xAxis: { type: 'category', boundaryGap: false, data: steps.map(([, day]) => day.slice(5)), axisLine: lines(colors), axisTick: { show: false }, axisLabel: { ...axisText(colors), hideOverlap: true } },
      yAxis: { type: 'value', inverse: true, min: 1, max: deepest, interval: 2, splitLine: lines(colors), axisLabel: { ...axisText(colors), formatter: (value: number) => (value === deepest ? `${deepest}+` : String(value)) } },
      series: series.map((one, i) => ({ type: 'line', silent: true, symbol: 'circle', symbolSize: 7, name: one.name, lineStyle: { width: 2, color: colors.series[one.color], type: i < 6 ? 'solid' : 'dashed' }, itemStyle: { color: colors.series[one.color] }, endLabel: { show: true, formatter: one.name, ...axisText(colors), color: colors.text, width: Math.min(140, width * 0.33), overflow: 'truncate', offset: [0, shifts[i] ?? 0] }, data: steps.map((_, at) => one.points.find((point) => point.at[0] === at)?.at[1] ?? null) })),
    }),
  };
}

export function modelOf(question: ChartQuestion, t: Texts, locale: Locale): ChartModel {
  if (question.kind === 'scatter') return scatterModel(question.rows, question.classes, t, locale);
  return question.kind === 'languages' ? languageModel(question.rows, t, locale) : flowModel(question.rows, t, locale);
}
