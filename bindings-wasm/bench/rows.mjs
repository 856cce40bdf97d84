// The Node rows of BENCHMARKS.md: each a ratio of two sides that do the same work to the same result,
// which is compared first, as the median of interleaved rounds.
import * as answers from "./answers.mjs";
import * as bodies from "./bodies.mjs";
import * as contents from "./package.mjs";

for (const { rows } of [bodies, answers, contents]) rows();
