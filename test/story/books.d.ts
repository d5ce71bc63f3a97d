export interface Books {
  create(): Promise<unknown>;
  migrate(): Promise<unknown>;
  migrateBack(): Promise<unknown>;
  list(column: string): Promise<readonly { readonly title: string }[]>;
  close(): Promise<unknown>;
}
export function openBooks(url: string): Books;
