// Charts: counts against what was expected, and epidemic curves; drawn from the JSON the page carries.
import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { type ECharts, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { bandOption, type Band } from "./band";
import { barsOption, type Bars } from "./bars";
import { paletteOf } from "./palette";
import { pageJson } from "./page";

use([BarChart, LineChart, ScatterChart, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

const drawn = new Map<HTMLElement, ECharts>();

function draw(host: HTMLElement): void {
  const from = host.dataset["from"] ?? "";
  const palette = paletteOf(host);
  const unit = host.dataset["unit"] ?? "";
  const chart = init(host, undefined, { renderer: "canvas" });
  drawn.set(host, chart);
  if (host.dataset["chart"] === "bars") {
    const bars = pageJson<Bars>(from);
    if (bars) chart.setOption(barsOption(bars, palette, unit));
  } else {
    const band = pageJson<Band>(from);
    if (band) chart.setOption(bandOption(band, palette, unit));
  }
  new ResizeObserver(() => {
    if (!chart.isDisposed()) chart.resize();
  }).observe(host);
}

function start(): void {
  for (const [host, chart] of drawn) {
    if (host.isConnected) continue;
    chart.dispose();
    drawn.delete(host);
  }
  document.querySelectorAll<HTMLElement>("[data-chart]").forEach((host) => {
    if (!drawn.has(host)) draw(host);
  });
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
document.addEventListener("htmx:afterSettle", start);
