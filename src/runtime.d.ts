// What the runtime has and TypeScript's library does not describe yet: ES2026 "JSON.parse source text access".
interface JSON {
  rawJSON(text: string): object;
  isRawJSON(value: unknown): boolean;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context?: { source?: string }) => unknown,
  ): unknown;
}
