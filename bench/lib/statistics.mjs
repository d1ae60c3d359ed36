// What the measurements say of a list of times: the middle, and how far it spreads.

/** The value below which the part `q` of all is. @param {number[]} values @param {number} q 0 to 1 */
export function quantile(values, q) {
  const all = values.toSorted((a, b) => a - b);
  const at = (all.length - 1) * q;
  const low = Math.floor(at);
  return all[low] + (all[Math.ceil(at)] - all[low]) * (at - low);
}

export const median = (/** @type {number[]} */ values) => quantile(values, 0.5);

/** Median and quartiles, as plots take them. @param {number[]} values */
export const summary = (values) => ({ middle: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) });

/** Enough digits to tell, and no more: 0.034, 1.2, 57. @param {number} value */
export const short = (value) => value.toFixed(value >= 100 ? 0 : value >= 0.95 ? 1 : value >= 0.095 ? 2 : 3);

/** The median, and the quartiles in brackets. @param {number[]} values */
export function spread(values) {
  const { middle, low, high } = summary(values);
  return `${short(middle)} (${short(low)}–${short(high)})`;
}

/** How many times the median of others one's median is. @param {number[]} values @param {number[]} others */
export const ratio = (values, others) => median(values) / median(others);

/** By how much two lists differ that should not, in percent. @param {number[]} values @param {number[]} others */
export const noise = (values, others) => `${(Math.abs(ratio(values, others) - 1) * 100).toFixed(0)} %`;
