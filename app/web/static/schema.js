// Completion and explanations from the JSON Schema of flow files. The place in the file comes from the indentation alone, so that it is known in
// a text that is not valid YAML just now.
const KEY = /^(\s*)((?:- +)*)("?[\w.-]+"?):(?:\s|$)/;
const ITEM = Symbol("item");
const NAMED = { principle: "principles", flow: "flows", answer: "answers", opening: "openings" };

// The keys around a line, from the top of the file down; `ITEM` stands for an item of a list. `indent`: the column of the key itself.
function around(doc, number, dashes, indent) {
  const path = [];
  let limit = indent, open = false;
  if (dashes) {
    path.unshift(ITEM);
    limit = dashes.start;
    open = true;
  }
  for (let line = number - 1; line > 0 && limit >= 0; line -= 1) {
    const text = doc.line(line).text;
    const found = KEY.exec(text);
    if (!found) continue;
    const start = found[1].length, key = start + found[2].length;
    if (key < limit || (open && key === limit && !found[2])) {
      path.unshift(found[3].replaceAll('"', ""));
      limit = key;
      open = false;
    } else if (!(key === limit && found[2])) {
      continue;
    }
    if (found[2]) {
      path.unshift(ITEM);
      limit = start;
      open = true;
    }
  }
  return path;
}

// A schema with its references and alternatives written out.
function spread(schema, node, depth = 0) {
  if (!node || depth > 8) return [];
  if (node.$ref) return spread(schema, { ...schema.$defs[node.$ref.split("/").pop()], ...(node.description && { description: node.description }) }, depth + 1);
  const alternatives = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])];
  return [node, ...alternatives.flatMap((one) => spread(schema, one, depth + 1))];
}

function at(schema, path) {
  let nodes = spread(schema, schema);
  for (const part of path) {
    nodes = nodes.flatMap((node) => {
      if (part === ITEM) return node.items ? spread(schema, node.items) : [];
      const named = node.properties?.[part];
      if (named) return spread(schema, named);
      const patterns = Object.values(node.patternProperties ?? {});
      return [...patterns, node.additionalProperties].filter((one) => one && typeof one === "object").flatMap((one) => spread(schema, one));
    });
  }
  return nodes;
}

function names(doc, section) {
  const found = [];
  let within = false;
  for (let number = 1; number <= doc.lines; number += 1) {
    const text = doc.line(number).text;
    if (/^\S/.test(text)) within = text.startsWith(`${section}:`);
    const key = within && /^ {1,4}([\w-]+):/.exec(text);
    if (key) found.push({ name: key[1], indent: text.search(/\S/) });
  }
  const least = Math.min(...found.map((one) => one.indent));
  return found.filter((one) => one.indent === least).map((one) => one.name);
}

export function complete(schema, context) {
  const line = context.state.doc.lineAt(context.pos), before = line.text.slice(0, context.pos - line.from);
  const key = /^(\s*)((?:- +)*)(\w*)$/.exec(before);
  if (key && (key[3] || context.explicit)) {
    const dashes = key[2] ? { start: key[1].length } : null;
    const path = around(context.state.doc, line.number, dashes, key[1].length + key[2].length);
    const known = Object.assign({}, ...at(schema, path).map((node) => node.properties ?? {}));
    const options = Object.entries(known).map(([name, node]) => ({
      label: name, type: "property", apply: line.text.slice(context.pos - line.from).startsWith(":") ? name : `${name}: `,
      info: explained(spread(schema, node)),
    }));
    return { from: context.pos - key[3].length, options, validFor: /^\w*$/ };
  }
  const value = /^(\s*)((?:- +)*)([\w-]+):\s+([\w-]*)$/.exec(before);
  if (!value) return null;
  const dashes = value[2] ? { start: value[1].length } : null;
  const path = around(context.state.doc, line.number, dashes, value[1].length + value[2].length);
  const nodes = at(schema, [...path, value[3]]);
  const fixed = nodes.flatMap((node) => [...(node.enum ?? []), ...(node.const === undefined ? [] : [node.const])]);
  if (nodes.some((node) => node.type === "boolean")) fixed.push(true, false);
  if (NAMED[value[3]]) fixed.push(...names(context.state.doc, NAMED[value[3]]));
  const options = [...new Set(fixed.map(String))].map((label) => ({ label, type: "enum" }));
  return options.length ? { from: context.pos - value[4].length, options, validFor: /^[\w-]*$/ } : null;
}

const explained = (nodes) => nodes.find((node) => node.description)?.description ?? "";

// The explanation of the key at a position.
export function describe(schema, doc, position) {
  const line = doc.lineAt(position), found = KEY.exec(line.text);
  if (!found) return null;
  const start = line.from + found[1].length + found[2].length, end = start + found[3].length;
  if (position < start || position > end) return null;
  const path = around(doc, line.number, found[2] ? { start: found[1].length } : null, found[1].length + found[2].length);
  const text = explained(at(schema, [...path, found[3].replaceAll('"', "")]));
  return text ? { pos: start, end, text } : null;
}
