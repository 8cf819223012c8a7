/** What secrets look like in the middle of a text, and what stands there instead. */
const secretShapes: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[private key]'],
  // A link of the headless host, and its cookie.
  [/\/enter\/[^\s"'<>]+/g, '/enter/…'],
  [/(canopus-\d+)=[^\s;"']+/g, '$1=…'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, '$1 …'],
  [/\b((?:pass(?:word|phrase)?|secret|token|api[_-]?key)\s*[=:]\s*)[^\s,;"']+/gi, '$1…'],
  // user:password@host in a URL.
  [/(\/\/[^\s/:@]+):[^\s/@]+@/g, '$1:…@'],
];

/** A text without what looks like a secret. */
export function withoutSecrets(text: string): string {
  return secretShapes.reduce((clean, [shape, instead]) => clean.replace(shape, instead), text);
}
