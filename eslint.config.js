import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "build/", "coverage/", "node_modules/", "site/dist/", "site/.vitepress/cache/"] },
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
        // A deliberate default for the rest is as clear as a list.
        { considerDefaultExhaustiveForUnions: true },
      ],
      // A port is asynchronous whether or not one implementation has to wait for something.
      "@typescript-eslint/require-await": "off",
      // The compiler requires brackets for unknown names (noPropertyAccessFromIndexSignature).
      "@typescript-eslint/dot-notation": "off",
      // Overridden methods are called with Reflect.apply and an explicit `this`.
      "@typescript-eslint/unbound-method": "off",
      // `value === undefined ? a : b` reads better than a negation, and empty strings are checked on purpose.
      "@typescript-eslint/prefer-nullish-coalescing": ["error", { ignoreConditionalTests: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // It suggests `!`, which the strict rules forbid.
      "@typescript-eslint/non-nullable-type-assertion-style": "off",
      // An empty function is useful: a listener that keeps an error from ending the process, a stop with
      // nothing to stop.
      "@typescript-eslint/no-empty-function": "off",
      "no-unused-vars": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  {
    // People read them in a terminal.
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
    // What is made for every request. Each object literal with a getter gets a hidden class of its own in the
    // old generation, which keeps the whole request alive until the next full collection.
    files: [
      "src/http/**",
      "src/server/error-backend/answers.ts",
      "src/server/gateway/{backlog,call,exchange,relay,visitor,visitor-body}.ts",
    ],
    rules: {
      "no-restricted-syntax": [
        "error",
        { selector: "ObjectExpression > Property[kind='get']", message: "Use a method or a class." },
      ],
    },
  },
  {
    // As in Strapi.
    files: ["test/built/strapi/**/*.js"],
    languageOptions: { sourceType: "commonjs" },
  },
  {
    // In this folder h3 is version 2, which marks the names of version 1 as deprecated.
    files: ["src/frameworks/h3-v1/example.ts"],
    rules: { "@typescript-eslint/no-deprecated": "off" },
  },
  {
    files: ["**/*.test.ts", "test/**/*.ts", "bench/**/*.ts"],
    rules: {
      // A test finds out what a parsed answer contains.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    files: ["src/frameworks/*/example.ts"],
    rules: {
      // A Nest module is a class with a decorator.
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
