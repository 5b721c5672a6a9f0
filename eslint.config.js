import rxjsX from 'eslint-plugin-rxjs-x';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '.cache/', 'data/', 'node_modules/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, rxjsX.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // The order is a choice here (style: takeUntil first drains, takeUntil last aborts).
      'rxjs-x/no-unsafe-takeuntil': 'off',
      'rxjs-x/no-ignored-error': 'error',
      'rxjs-x/no-nested-subscribe': 'error',
      'rxjs-x/no-misused-observables': 'error',
      // Counts and sizes are written into messages all the time.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // An empty arrow function is the shortest way to say "nothing to do here".
      '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions'] }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'examples/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'rxjs',
              importNames: [
                'mergeMap',
                'flatMap',
                'concatMap',
                'switchMap',
                'exhaustMap',
                'mergeAll',
                'concatAll',
                'switchAll',
                'exhaustAll',
                'mergeScan',
                'switchScan',
                'expand',
                'mergeMapTo',
                'concatMapTo',
              ],
              message: 'It recurses where inner Observables end at once: use flatten, inOrder or paged of src/core.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // In a test an error without a handler fails the run, as it should.
      'rxjs-x/no-ignored-error': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
