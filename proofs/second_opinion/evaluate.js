// Evaluates recorded expressions with the reference implementation of JSONata (npm jsonata).
// Standard input: [{expression, bindings, millis}],
// standard output: [{answer: {value} or {failed: true}, depth}].
const fs = require('fs');
const jsonata = require('jsonata');

// Counts as the time box of the reference implementation's own test suite does, which stops an
// expression deeper than its limit: what is left of parallel steps is never counted back.
function counting(compiled) {
  const counted = { now: 0, most: 0 };
  compiled.assign(Symbol.for('jsonata.__evaluate_entry'), (expression, input, environment) => {
    if (!environment.isParallelCall) {
      counted.now += 1;
      counted.most = Math.max(counted.most, counted.now);
    }
  });
  compiled.assign(Symbol.for('jsonata.__evaluate_exit'), (expression, input, environment) => {
    if (!environment.isParallelCall) {
      counted.now -= 1;
    }
  });
  return counted;
}

async function answer({ expression, bindings, millis }) {
  let counted = { most: 0 };
  try {
    const compiled = jsonata(expression);
    counted = counting(compiled);
    // What Step Functions adds or fixes; see local/stepfunctions/jsonata.py.
    compiled.registerFunction('millis', () => millis);
    compiled.registerFunction('random', () => 0.5);
    compiled.registerFunction('parse', (text) => JSON.parse(text));
    const value = await compiled.evaluate(undefined, bindings);
    return { answer: value === undefined ? { failed: true } : { value }, depth: counted.most };
  } catch (error) {
    return { answer: { failed: true }, depth: counted.most };
  }
}

async function main() {
  const asked = JSON.parse(fs.readFileSync(0, 'utf8'));
  const answers = [];
  for (const one of asked) {
    answers.push(await answer(one));
  }
  process.stdout.write(JSON.stringify(answers));
}

main();
