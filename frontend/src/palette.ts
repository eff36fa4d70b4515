// The colours and text sizes a chart takes from the design language where it stands.
import { token } from "./page";

export interface Palette {
  ink: string;
  ink2: string;
  line: string;
  surface: string;
  brand: string;
  bad: string;
  band: string;
  expected: string;
  font: string;
  size: number;
}

export function paletteOf(host: Element): Palette {
  return {
    ink: token("ink", host),
    ink2: token("ink-2", host),
    line: token("line", host),
    surface: token("surface", host),
    brand: token("brand", host),
    bad: token("bad", host),
    band: token("band", host),
    expected: token("expected", host),
    font: getComputedStyle(host).fontFamily,
    size: Number.parseInt(token("t-note", host), 10) || 12,
  };
}

/** A tooltip drawn in the canvas: styled HTML would need styles the policy forbids. */
export function tooltipOf(palette: Palette): Record<string, unknown> {
  return {
    trigger: "axis",
    renderMode: "richText",
    confine: true,
    backgroundColor: palette.surface,
    borderColor: palette.line,
    borderWidth: 1,
    padding: [7, 10],
    textStyle: { color: palette.ink, fontFamily: palette.font, fontSize: palette.size + 1, lineHeight: 20 },
    axisPointer: { type: "line", lineStyle: { color: palette.ink2, type: "dashed", width: 1 } },
  };
}

export function dayAxis(days: string[], palette: Palette, gap: boolean): Record<string, unknown> {
  return {
    type: "category",
    data: days,
    boundaryGap: gap,
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: {
      color: palette.ink2,
      fontFamily: palette.font,
      fontSize: palette.size,
      hideOverlap: true,
      formatter: (day: string) => day.slice(5),
    },
  };
}

export function countAxis(palette: Palette, unit: string): Record<string, unknown> {
  return {
    type: "value",
    minInterval: 1,
    name: unit,
    nameTextStyle: { color: palette.ink2, fontFamily: palette.font, fontSize: palette.size, align: "right", padding: [0, 6, 0, 0] },
    nameGap: 10,
    splitNumber: 4,
    splitLine: { lineStyle: { color: palette.line } },
    axisLabel: { color: palette.ink2, fontFamily: palette.font, fontSize: palette.size },
  };
}

export function legendOf(palette: Palette, items: { name: string; icon: string }[]): Record<string, unknown> {
  return {
    data: items,
    top: 0,
    right: 0,
    itemWidth: 16,
    itemHeight: 9,
    itemGap: 14,
    selectedMode: false,
    textStyle: { color: palette.ink2, fontFamily: palette.font, fontSize: palette.size },
  };
}
