/** What stands before the first line break: all of it where there is none. */
export const firstLine = (text: string): string => text.replace(/\n.*/s, '')
