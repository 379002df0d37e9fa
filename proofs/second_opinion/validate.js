// Asks two validators about definitions (files named on the command line); prints what they find.
const fs = require('fs');
const aslValidator = require('asl-validator');
const { getLanguageService, TextDocument } = require('amazon-states-language-service');

// asl-validator 4.0.0 takes neither an empty text nor a line break in one; the language allows both.
function bent(value) {
  if (typeof value === 'string') {
    return value.replace(/\n/g, ' ') || '-';
  }
  if (Array.isArray(value)) {
    return value.map(bent);
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, bent(member)]));
  }
  return value;
}

async function main() {
  const found = [];
  for (const file of process.argv.slice(2)) {
    const text = fs.readFileSync(file, 'utf8');
    const service = getLanguageService({});
    const document = TextDocument.create('file:///definition.asl.json', 'asl', 1, text);
    const said = await service.doValidation(document, service.parseJSONDocument(document));
    found.push(...said.map((one) => `amazon-states-language-service: ${one.message}`));
    const { isValid, errorsText } = aslValidator(bent(JSON.parse(text)));
    if (!isValid) {
      found.push(`asl-validator: ${errorsText('\n')}`);
    }
  }
  process.stdout.write(JSON.stringify(found));
}

main();
