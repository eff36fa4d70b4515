// The shapes of a map as the server sends them, and how each is drawn.
import type { Feature, FeatureCollection, Geometry } from "geojson";
import type { PathOptions } from "leaflet";
import { token } from "./page";

export interface AreaFacts {
  code: string;
  name: string;
  /** 0 no signal, 1 very low, 2 low, 3 medium, 4 high; null or absent: unknown, drawn without a fill. */
  grade?: number | null;
  value_text?: string;
  href?: string;
  fragment?: string;
  /** A name plate on the map. */
  label?: boolean;
  /** A border of the level above: no fill, not to be chosen. */
  outline?: boolean;
  /** A count under five: no fill, and the list says so. */
  hidden?: boolean;
  /** One's own area, drawn with a stronger edge. */
  own?: boolean;
  /** A place and nothing more: no grade is meant, so none is drawn as unknown. */
  plain?: boolean;
}

export type AreaFeature = Feature<Geometry, AreaFacts>;
export type AreaCollection = FeatureCollection<Geometry, AreaFacts>;

export interface Paints {
  risk: string[];
  edge: string;
  fine: string;
  ink: string;
  soft: string;
  surface: string;
}

/** Read the colours of the design language as they stand around the map. */
export function paintsOf(host: Element): Paints {
  return {
    risk: [0, 1, 2, 3, 4].map((grade) => token(`risk-${grade}`, host)),
    edge: token("edge", host),
    fine: token("edge-fine", host),
    ink: token("ink", host),
    soft: token("soft", host),
    surface: token("surface", host),
  };
}

/** Return how an area is filled and edged; white edges where the shapes are many and small. */
export function styleOf(area: AreaFacts, paints: Paints, many: boolean): PathOptions {
  if (area.outline) return { fill: false, color: paints.ink, weight: 1.4, opacity: 0.8, interactive: false };
  if (area.plain) {
    const edge = area.own ? paints.ink : paints.edge;
    return { fillColor: area.own ? paints.soft : paints.surface, fillOpacity: 1, color: edge, weight: area.own ? 2 : 1 };
  }
  const known = !area.hidden && area.grade !== null && area.grade !== undefined;
  return {
    fillColor: known ? (paints.risk[area.grade as number] ?? paints.surface) : paints.surface,
    fillOpacity: 1,
    color: many ? paints.fine : area.own ? paints.ink : paints.edge,
    weight: many ? 0.8 : area.own ? 2 : 1,
    ...(known ? {} : { dashArray: "3 3", color: paints.edge }),
  };
}

/** Worst first, then by name: the order of the list beside the map. */
export function worstFirst(one: AreaFacts, other: AreaFacts): number {
  return (other.grade ?? -1) - (one.grade ?? -1) || one.code.localeCompare(other.code);
}

/** Say whether what a reader sees of an area has changed. */
export function differs(one: AreaFacts | undefined, other: AreaFacts): boolean {
  return !one || one.grade !== other.grade || one.value_text !== other.value_text || one.hidden !== other.hidden;
}
