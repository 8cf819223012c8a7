/** Files imported as text; Vite, which bundles and tests everything here, puts them in. */
declare module '*.sh?raw' {
  const text: string;
  export default text;
}

/** Scripts of the shells that people complete commands in. */
declare module '*.zsh?raw' {
  const text: string;
  export default text;
}
declare module '*.fish?raw' {
  const text: string;
  export default text;
}
declare module '*.ps1?raw' {
  const text: string;
  export default text;
}

/** The program of a worker thread as text (resources/setup/thread-text.mjs). */
declare module '*?thread' {
  const text: string;
  export default text;
}

/** The text of a program for another machine's Python. */
declare module '*.py?raw' {
  const text: string;
  export default text;
}
