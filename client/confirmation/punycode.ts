/** Decodes the host names that browsers write as `xn--…`: Punycode (RFC 3492). */

const prefix = "xn--";
const base = 36;
const tMin = 1;
const tMax = 26;
const skew = 38;
const damp = 700;

/** A label that is no Punycode stays as it is. */
export function decodeHost(host: string): string {
  return host.split(".").map(decodeLabel).join(".");
}

function decodeLabel(label: string): string {
  if (!label.startsWith(prefix)) return label;
  try {
    return decode(label.slice(prefix.length));
  } catch {
    return label;
  }
}

/** RFC 3492 §6.2. */
function decode(encoded: string): string {
  const basicEnd = Math.max(0, encoded.lastIndexOf("-"));
  const letters = Array.from(encoded.slice(0, basicEnd));
  const digits = Array.from(encoded.slice(basicEnd === 0 ? 0 : basicEnd + 1), digitOf);
  let [codePoint, index, bias] = [128, 0, 72];
  while (digits.length > 0) {
    const before = index;
    index += readInteger(digits, bias);
    const count = letters.length + 1;
    bias = adaptBias(index - before, count, before === 0);
    codePoint += Math.floor(index / count);
    index %= count;
    letters.splice(index++, 0, String.fromCodePoint(codePoint));
  }
  return letters.join("");
}

/** Takes one number of variable length from the digits. */
function readInteger(digits: number[], bias: number): number {
  let [value, weight] = [0, 1];
  for (let position = base; ; position += base) {
    const digit = digits.shift();
    if (digit === undefined) throw new RangeError("The label ends within a number.");
    value += digit * weight;
    const threshold = Math.min(tMax, Math.max(tMin, position - bias));
    if (digit < threshold) return value;
    weight *= base - threshold;
  }
}

/** RFC 3492 §6.1. */
function adaptBias(delta: number, count: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? damp : 2));
  rest += Math.floor(rest / count);
  let bias = 0;
  for (; rest > ((base - tMin) * tMax) / 2; bias += base) rest = Math.floor(rest / (base - tMin));
  return bias + Math.floor(((base - tMin + 1) * rest) / (rest + skew));
}

/** `a` to `z` are 0 to 25, `0` to `9` are 26 to 35. */
function digitOf(character: string): number {
  const value = Number.parseInt(character, base);
  if (Number.isNaN(value)) throw new RangeError("This is no digit of Punycode.");
  return value < 10 ? value + 26 : value - 10;
}
