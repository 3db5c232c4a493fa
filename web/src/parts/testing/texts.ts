/** Texts as lists, for tests of their completeness. */

export type Tree = { [key: string]: string | Tree }

/** Every text with the path of its key. */
export function leaves(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : leaves(value, `${path}${key}.`),
  )
}

/** The places of a text that are filled, such as `{day}`. */
export const placesOf = (text: string): string => (text.match(/\{\w+\}/g) ?? []).toSorted().join()
