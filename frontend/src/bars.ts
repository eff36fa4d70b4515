// An epidemic curve: one bar a day, known and not yet known stacked, with the moments that matter marked.
import type { EChartsCoreOption } from "echarts/core";
import { type Palette, countAxis, dayAxis, legendOf, tooltipOf } from "./palette";

export interface Bars {
  days: string[];
  series: { name: string; counts: (number | null)[] }[];
  marks?: { day: string; label: string }[];
}

interface Point {
  dataIndex: number;
}

/** Return the option of a curve; the first series is full, the second light, the third hollow. */
export function barsOption(bars: Bars, palette: Palette, unit: string): EChartsCoreOption {
  const fills = [palette.brand, palette.band, palette.surface];
  const words = (index: number) =>
    [bars.days[index] ?? "", ...bars.series.map((one) => `${one.name} ${one.counts[index] ?? "–"}`)].join("\n");
  return {
    animation: false,
    textStyle: { fontFamily: palette.font },
    grid: { left: 4, right: 10, top: bars.marks?.length ? 46 : 30, bottom: 2, containLabel: true },
    legend: legendOf(palette, bars.series.map((one) => ({ name: one.name, icon: "rect" }))),
    tooltip: {
      ...tooltipOf(palette),
      formatter: (points: Point[]) => (points[0] ? words(points[0].dataIndex) : ""),
    },
    xAxis: dayAxis(bars.days, palette, true),
    yAxis: countAxis(palette, unit),
    series: bars.series.map((one, index) => ({
      name: one.name,
      type: "bar",
      stack: "all",
      data: one.counts,
      barCategoryGap: "12%",
      barMaxWidth: 40,
      emphasis: { disabled: true },
      itemStyle: {
        color: fills[index] ?? palette.band,
        borderColor: index === 0 ? palette.brand : palette.ink2,
        borderWidth: index === 0 ? 0 : 0.8,
      },
      ...(index === 0 && bars.marks ? { markLine: markLine(bars.marks, palette) } : {}),
    })),
  };
}

function markLine(marks: { day: string; label: string }[], palette: Palette): Record<string, unknown> {
  return {
    silent: true,
    symbol: "none",
    lineStyle: { color: palette.ink, type: "dashed", width: 1 },
    label: { color: palette.ink, fontFamily: palette.font, fontSize: palette.size, position: "end", distance: 3 },
    data: marks.map((mark) => ({ xAxis: mark.day, label: { formatter: mark.label } })),
  };
}
