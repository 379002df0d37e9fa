// Evaluates recorded expressions with the reference implementation of JSONata (npm jsonata).
// Standard input: [{expression, bindings, millis}], standard output: [{value} or {failed: true}].
const fs = require('fs');
const jsonata = require('jsonata');

async function answer({ expression, bindings, millis }) {
  try {
    const compiled = jsonata(expression);
    // What Step Functions adds or fixes; see local/stepfunctions/jsonata.py.
    compiled.registerFunction('millis', () => millis);
    compiled.registerFunction('random', () => 0.5);
    compiled.registerFunction('parse', (text) => JSON.parse(text));
    const value = await compiled.evaluate(undefined, bindings);
    return value === undefined ? { failed: true } : { value };
  } catch (error) {
    return { failed: true };
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
