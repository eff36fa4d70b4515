// Counts against what was expected: the band of the expected, the line of the observed, red where it is above.
import type { EChartsCoreOption } from "echarts/core";
import { type Palette, countAxis, dayAxis, legendOf, tooltipOf } from "./palette";
import { text } from "./page";

type Numbers = (number | null)[];

export interface Band {
  days: string[];
  observed: Numbers;
  expected?: Numbers;
  lower?: Numbers;
  upper?: Numbers;
}

interface Point {
  dataIndex: number;
}

function words(band: Band, index: number): string {
  const rounded = (value: number | null | undefined) =>
    value === null || value === undefined ? "–" : String(Math.round(value * 10) / 10);
  const lines = [`${band.days[index] ?? ""}`, `${text("observed")} ${rounded(band.observed[index])}`];
  if (band.expected) {
    const range = band.upper ? `（${rounded(band.lower?.[index] ?? 0)}–${rounded(band.upper[index])}）` : "";
    lines.push(`${text("expected")} ${rounded(band.expected[index])}${range}`);
  }
  return lines.join("\n");
}

/** Return the option of a band chart; unknown days break the line instead of falling to zero. */
export function bandOption(band: Band, palette: Palette, unit: string): EChartsCoreOption {
  const lower = band.lower ?? band.days.map(() => 0);
  const height = (band.upper ?? []).map((upper, index) => (upper === null ? null : upper - (lower[index] ?? 0)));
  const above = band.observed.map((value, index) => {
    const upper = band.upper?.[index];
    return value !== null && upper !== null && upper !== undefined && value > upper ? value : null;
  });
  const quiet = { silent: true, emphasis: { disabled: true }, symbol: "none", type: "line", tooltip: { show: false } };
  return {
    animation: false,
    textStyle: { fontFamily: palette.font },
    grid: { left: 4, right: 10, top: 30, bottom: 2, containLabel: true },
    legend: legendOf(palette, [
      { name: text("observed"), icon: "path://M0 3h16v2H0z" },
      { name: text("expected"), icon: "path://M0 3h4v2H0zM6 3h4v2H6zM12 3h4v2h-4z" },
      { name: text("band"), icon: "rect" },
      { name: text("above"), icon: "circle" },
    ]),
    tooltip: {
      ...tooltipOf(palette),
      formatter: (points: Point[]) => (points[0] ? words(band, points[0].dataIndex) : ""),
    },
    xAxis: dayAxis(band.days, palette, false),
    yAxis: countAxis(palette, unit),
    series: [
      { ...quiet, name: "lower", stack: "band", data: lower, lineStyle: { opacity: 0 } },
      {
        ...quiet,
        name: text("band"),
        stack: "band",
        data: height,
        lineStyle: { opacity: 0 },
        itemStyle: { color: palette.band },
        areaStyle: { color: palette.band, opacity: 1 },
      },
      {
        ...quiet,
        name: text("expected"),
        data: band.expected ?? [],
        itemStyle: { color: palette.expected },
        lineStyle: { color: palette.expected, type: [4, 3], width: 1.2 },
      },
      {
        name: text("observed"),
        type: "line",
        data: band.observed,
        showSymbol: false,
        emphasis: { disabled: true },
        itemStyle: { color: palette.brand },
        lineStyle: { color: palette.brand, width: 2 },
        z: 4,
      },
      {
        name: text("above"),
        type: "scatter",
        data: above,
        symbolSize: 9,
        emphasis: { disabled: true },
        itemStyle: { color: palette.bad, opacity: 1 },
        z: 5,
      },
    ],
  };
}
