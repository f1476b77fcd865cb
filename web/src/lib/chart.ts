// ECharts behind one door, loaded only when a chart comes into view. It draws into text (no browser interface of its
// own): the picture stands in a page whose policy allows no style attributes, so those become presentation attributes.
import { LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use, type EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([LineChart, ScatterChart, GridComponent, SVGRenderer]);

export interface Drawn { svg: string; pixelOf: (point: [number, number]) => [number, number] }

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

export function draw(option: EChartsCoreOption, width: number, height: number): Drawn {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({ animation: false, ...option });
  const svg = withoutStyles(chart.renderToSVGString());
  const drawn: Drawn = { svg, pixelOf: (point) => chart.convertToPixel({ gridIndex: 0 }, point) as [number, number] };
  return drawn;
}
