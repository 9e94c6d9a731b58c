/** Characters of a note, as the house takes them. */
export const NOTE_MAX = 140;
