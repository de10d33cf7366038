/** A path in one colour, in a view box of 24 × 24. */
export interface Logo {
  colour: string;
  path: string;
}

const namespace = "http://www.w3.org/2000/svg";

export function drawLogo({ colour, path }: Logo): SVGElement {
  const svg = document.createElementNS(namespace, "svg");
  const shape = document.createElementNS(namespace, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  shape.setAttribute("fill", colour);
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}
