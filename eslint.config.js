import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/**
 * The lines between the rooms: who may know whom.
 * @param {string[]} files the folder that the line is drawn around
 * @param {{ regex: string, message: string }[]} patterns import paths that must not be seen there
 */
const mustNotImport = (files, patterns) => ({
  files,
  /** @type {import('eslint').Linter.RulesRecord} */
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});

const electron = { regex: '^electron($|/)', message: 'Only main/app.ts, main/ipc.ts and main/shell know Electron.' };
/** @param {string} others */
const rooms = (others) => ({
  // What a message is, all may say.
  regex: `^\\.\\./(${others})/(?!message\\.ts$)`,
  message:
    'Rooms of main/ do not know each other; main/app.ts joins them, on a transfer’s thread main/transfer-worker.ts.',
});

export default defineConfig(
  { ignores: ['out/', 'dist/', 'node_modules/', 'test-results/'] },
  js.configs.recommended,
  ts.configs.strictTypeChecked,
  ts.configs.stylisticTypeChecked,
  svelte.configs.recommended,
  {
    languageOptions: {
      globals: globals.node,
      parserOptions: {
        projectService: true,
        extraFileExtensions: ['.svelte'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // Its advice is forbidden by no-non-null-assertion.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { globals: globals.browser, parserOptions: { parser: ts.parser, svelteConfig } },
  },
  mustNotImport(['main/smtp/**'], [electron, rooms('rules|mailbox|mime|transfer|settings|shell')]),
  mustNotImport(['main/rules/**'], [electron, rooms('smtp|mailbox|mime|transfer|settings|shell')]),
  mustNotImport(['main/mailbox/**'], [electron, rooms('smtp|rules|mime|transfer|settings|shell')]),
  mustNotImport(['main/mime/**'], [electron, rooms('smtp|rules|mailbox|transfer|settings|shell')]),
  mustNotImport(['main/transfer/**'], [electron, rooms('smtp|rules|mailbox|mime|settings|shell')]),
  mustNotImport(['main/settings/**'], [electron, rooms('smtp|rules|mailbox|mime|transfer|shell')]),
  mustNotImport(
    ['renderer/**'],
    [
      electron,
      { regex: '(^|/)main/', message: 'The window reaches the main process through the contract alone.' },
      { regex: '^node:', message: 'The window has no Node.' },
    ],
  ),
);
