/** Files imported as text; Vite, which bundles and tests everything here, puts them in. */
declare module '*.sh?raw' {
  const text: string;
  export default text;
}
