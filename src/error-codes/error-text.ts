/** What an error code says to a person: each a sentence or two. */
export interface ErrorText {
  /** What happened, and to what. */
  readonly meaning: string;
  readonly whatToDo: string;
}

/** By code. */
export type ErrorTexts = Readonly<Record<string, ErrorText>>;
