/** The figures that the tables show for a list of measurements. */

export function median(values: number[]): number {
  return percentile(values, 50);
}

export function minimum(values: number[]): number {
  return Math.min(...values);
}

/** Interpolates linearly between two measurements. */
export function percentile(values: number[], percent: number): number {
  if (values.length === 0) throw new Error("There is nothing to take a percentile of.");
  const sorted = values.toSorted((left, right) => left - right);
  const position = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(position)]!;
  const above = sorted[Math.ceil(position)]!;
  return below + (above - below) * (position - Math.floor(position));
}
