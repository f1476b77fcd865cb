// Draws charts with ECharts into text, off the page's thread. The picture stands in a page whose policy allows no style
// attributes, so those become presentation attributes.
import { LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, setPlatformAPI, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

import type { DrawAnswer, DrawRequest, Drawn } from './chart';
import { modelOf } from './chart_options';
import { en } from './en';
import { ko } from './ko';

use([LineChart, ScatterChart, GridComponent, SVGRenderer]);
// A worker has no document to measure texts in.
setPlatformAPI({ createCanvas: () => new OffscreenCanvas(1, 1) as unknown as HTMLCanvasElement });

function withoutStyles(svg: string): string {
  return svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ style="([^"]*)"/g, (_, style: string) =>
      style
        .split(';')
        .map((one) => one.split(':'))
        .filter((pair) => pair.length === 2 && /^(fill|stroke|font|opacity|text|dominant)/.test(pair[0]!.trim()))
        .map(([name, value]) => ` ${name!.trim()}="${value!.trim().replaceAll('"', "'")}"`)
        .join(''),
    );
}

function draw({ question, locale, colors, width, height }: DrawRequest): Drawn {
  const model = modelOf(question, locale === 'ko' ? ko : en, locale);
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({ animation: false, ...model.option(colors, width) });
  const svg = withoutStyles(chart.renderToSVGString());
  const pixels = model.series.map((one) => one.points.map((point) => chart.convertToPixel({ gridIndex: 0 }, point.at) as [number, number]));
  chart.dispose();
  return { svg, pixels };
}

self.onmessage = (event: MessageEvent<DrawRequest & { id: number }>) => {
  const { id, ...request } = event.data;
  let answer: DrawAnswer;
  try {
    answer = { id, drawn: draw(request) };
  } catch (error) {
    answer = { id, failure: String(error) };
  }
  self.postMessage(answer);
};
