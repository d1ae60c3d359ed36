// What goes wrong in a way that a person can mend: the message says how.

/** Its message says all there is to say. */
export class Problem extends Error {}

/** The program was called in a way it does not know. */
export class Usage extends Problem {}

/** Writes a line for the person. */
export type Say = (line: string) => void;
