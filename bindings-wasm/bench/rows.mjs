// Prints the Node rows of BENCHMARKS.md. A ratio compares two functions that do the same work. Their
// results are compared first, and the ratio is the median of interleaved rounds.
import * as bodies from "./bodies.mjs";
import * as packageSize from "./package.mjs";
import * as variables from "./variables.mjs";

for (const { rows } of [bodies, variables, packageSize]) rows();
