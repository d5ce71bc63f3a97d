import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "coverage/", "node_modules/"] },
  js.configs.recommended,
  {
    rules: {
      // Express tells error handlers by their four parameters, used or not.
      // njs knows no catch without a name.
      "no-unused-vars": ["error", { argsIgnorePattern: "^_", caughtErrorsIgnorePattern: "^_" }],
    },
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": [
        "error",
        // `typeof import("pg")` is how an optional client is named without being required.
        { fixStyle: "inline-type-imports", disallowTypeAnnotations: false },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        // A default that is meant for the rest is as clear as a list of them.
        { considerDefaultExhaustiveForUnions: true },
      ],
      // A port is asynchronous whether or not one implementation has to wait for something.
      "@typescript-eslint/require-await": "off",
      // The compiler asks for brackets where a name is not known (noPropertyAccessFromIndexSignature).
      "@typescript-eslint/dot-notation": "off",
      // Overridden methods are called with Reflect.apply and an explicit `this`.
      "@typescript-eslint/unbound-method": "off",
      // `value === undefined ? a : b` reads better than a negation, and empty strings are asked for on purpose.
      "@typescript-eslint/prefer-nullish-coalescing": ["error", { ignoreConditionalTests: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // It asks for `!`, which the strict rules forbid.
      "@typescript-eslint/non-nullable-type-assertion-style": "off",
      // Doing nothing is a thing to do: a listener that keeps an error from ending the process, a stop with nothing to stop.
      "@typescript-eslint/no-empty-function": "off",
      "no-unused-vars": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  {
    // They are shown to people in a terminal.
    files: [
      "src/cli/**",
      "src/demo/**",
      "src/frameworks/*/example.ts",
      "bench/**",
      "examples/**",
      "test/**",
      "**/*.js",
    ],
    rules: { "no-console": "off" },
  },
  {
    // As Strapi has it.
    files: ["test/built/strapi/**/*.js"],
    languageOptions: { sourceType: "commonjs" },
  },
  {
    // In this folder h3 is version 2, which has the words of version 1 as deprecated ones.
    files: ["src/frameworks/h3-v1/example.ts"],
    rules: { "@typescript-eslint/no-deprecated": "off" },
  },
  {
    files: ["**/*.test.ts", "test/**/*.ts", "bench/**/*.ts"],
    rules: {
      // What a parsed answer holds is what the test is about to find out.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    files: ["src/frameworks/*/example.ts"],
    rules: {
      // A module of Nest is a class with a decorator.
      "@typescript-eslint/no-extraneous-class": ["error", { allowWithDecorator: true }],
    },
  },
  {
    files: ["**/*.js"],
    languageOptions: {
      globals: {
        AbortSignal: "readonly",
        Buffer: "readonly",
        clearTimeout: "readonly",
        console: "readonly",
        fetch: "readonly",
        performance: "readonly",
        process: "readonly",
        Request: "readonly",
        Response: "readonly",
        setTimeout: "readonly",
        URL: "readonly",
      },
    },
  },
  {
    files: ["examples/testing-jest/**"],
    languageOptions: {
      globals: { afterEach: "readonly", beforeEach: "readonly", expect: "readonly", test: "readonly" },
    },
  },
);
