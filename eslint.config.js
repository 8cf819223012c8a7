import { importX } from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Who may import whom (docs/ARCHITECTURE.md). Each zone: files in `target` must not import from `from`. */
const zones = [
  { target: './app', from: ['./main', './renderer', './test'], message: 'app is pure: it imports app only.' },
  { target: './main', from: ['./renderer', './test'], message: 'main imports app and main only.' },
  { target: './renderer', from: ['./main', './test'], message: 'renderer imports app only.' },
  {
    target: './app/protocols',
    from: ['./app/flash', './app/image', './app/boards', './app/build', './app/pi', './app/contract'],
    message: 'protocols turn bytes into messages; they know errors and transport types only.',
  },
  {
    target: './app/contract',
    from: './app/protocols',
    message: 'the contract is types and schemas.',
  },
  {
    target: './app/contract',
    from: './app/flash',
    except: ['./flash-event.ts', './run-step.ts'],
    message: 'the contract is types and schemas; it knows the events of a flasher.',
  },
  {
    target: './app/contract',
    from: './app/transport',
    except: ['./clock.ts'],
    message: 'the contract is types and schemas; its ends know the clock.',
  },
  {
    target: ['./app/!(boards)/**', './main/!(sim)/**', './renderer'],
    from: './app/boards/canbus-uuid.ts',
    message: 'a chip is named in one function: chipNames.',
  },
  {
    target: './main/!(sim|station.ts|station)/**',
    from: './main/sim',
    message: 'only the station opens the simulator.',
  },
];

/** Native modules stay where their errors are translated. */
const nativeModules = '^(usb|serialport|@serialport/.*|ssh2|electron|@photostructure/sqlite)$';

/**
 * ESLint 10's recommended rules but for those that the compiler checks (the package that lists them is one more), and
 * for no-control-regex: file formats and terminals are matched by their bytes.
 */
const recommendedNames = `
    for-direction no-async-promise-executor no-case-declarations no-compare-neg-zero no-cond-assign
    no-constant-binary-expression no-constant-condition no-debugger no-delete-var
    no-dupe-else-if no-duplicate-case no-empty no-empty-character-class no-empty-pattern
    no-empty-static-block no-ex-assign no-extra-boolean-cast no-fallthrough no-global-assign
    no-invalid-regexp no-irregular-whitespace no-loss-of-precision no-misleading-character-class
    no-nonoctal-decimal-escape no-octal no-prototype-builtins no-regex-spaces no-self-assign
    no-shadow-restricted-names no-sparse-arrays no-unassigned-vars no-unexpected-multiline
    no-unsafe-finally no-unsafe-optional-chaining no-unused-labels no-unused-private-class-members
    no-useless-assignment no-useless-backreference no-useless-catch no-useless-escape
    preserve-caught-error require-yield use-isnan valid-typeof
`;
/** @type {Record<string, 'error'>} */
const recommended = {};
for (const name of recommendedNames.trim().split(/\s+/)) recommended[name] = 'error';

export default defineConfig(
  {
    ignores: [
      ...['out/', 'dist/', '.cache/', '.svelte-check/', 'coverage/', 'node_modules/', 'test/fixtures/'],
      // Only declares what a script beside it exports.
      '**/*.d.mts',
    ],
  },
  { rules: recommended },
  ...tseslint.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver': { node: { extensions: ['.ts', '.js', '.mjs'] } },
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // What `using` declares is used by its disposal: a slot, a lock.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { ignoreRestSiblings: true, ignoreUsingDeclarations: true },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.svelte'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      // ESLint sees what a component hands to a callback as any; svelte-check knows the types and checks them.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // Inputs of a template are assigned by name.
      'prefer-const': 'off',
    },
  },
  {
    files: ['**/*.svelte.ts'],
    languageOptions: { parser: tseslint.parser },
  },
  {
    files: ['app/**', 'main/**', 'renderer/**'],
    ignores: [
      'main/devices/**',
      'main/shell/ssh/**',
      'main/history/open-database.ts',
      'main/hosts/electron*.ts',
      'main/hosts/electron/**',
      'main/hosts/preload.ts',
    ],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: nativeModules, message: 'native modules have one home each.' }] },
      ],
    },
  },
  {
    files: ['app/**', 'renderer/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: `${nativeModules}|^node:`, message: 'app and renderer do not touch the machine.' },
          ],
        },
      ],
    },
  },
  {
    // Nothing foreign reaches a terminal or a page as it came (docs/security.md).
    files: ['app/**', 'main/**'],
    ignores: ['main/hosts/cli/output.ts', 'main/hosts/cli/ask.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression > MemberExpression[property.name="write"][object.name=/^std(out|err)$/]',
          message: 'A terminal gets text from the Output of a command only.',
        },
        {
          selector: 'MemberExpression[property.name="write"] > MemberExpression[object.name="process"]',
          message: 'A terminal gets text from the Output of a command only.',
        },
        {
          selector:
            ':not(TaggedTemplateExpression) > TemplateLiteral[expressions.length>0] > TemplateElement[value.raw=/(^|[^?])<\\/?[a-z][a-z0-9]*[ >]/]',
          message: 'HTML and SVG are written with `markup`, which makes text of every value.',
        },
      ],
    },
  },
  {
    files: ['test/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    // Programs for a terminal.
    files: ['resources/**/*.mjs', 'test/**/*.mjs', '*.js'],
    // A cast in a comment is seen by the compiler only.
    rules: { 'no-console': 'off', '@typescript-eslint/no-unsafe-assignment': 'off' },
  },
);
