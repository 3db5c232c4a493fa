/** Texts of a page: one JSON file per language, of which only the one that is shown is fetched. */

/** Loaders of a page's files. The type of the first language is that of all, so a missing key does not compile. */
export type Loaders<Texts> = Record<string, () => Promise<{ default: Texts }>>

/** The first of the wanted languages that there is, else the first there is: "de-AT" is served by "de". */
export function choose(wanted: readonly string[], there: readonly string[]): string {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split('-')[0] ?? ''
    if (there.includes(language)) return language
  }
  return there[0] ?? 'en'
}

const KEY = 'language'

/** The language that was chosen on this device, instead of the browser's; null if none was. */
export function chosenLanguage(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null // storage is switched off
  }
}

/** Choose a language for all pages on this device. They show it once they are opened anew. */
export function chooseLanguage(language: string): void {
  localStorage.setItem(KEY, language)
}

/** The texts in the chosen language, else in the browser's, and the tag by which times are written. */
export async function load<Texts>(loaders: Loaders<Texts>): Promise<{ texts: Texts; language: string }> {
  const own = chosenLanguage()
  const wanted = own ? [own, ...navigator.languages] : navigator.languages
  const chosen = choose(wanted, Object.keys(loaders))
  const loader = loaders[chosen]
  if (!loader) throw new Error(`there are no texts in ${chosen}`)
  const { default: texts } = await loader()
  document.documentElement.lang = chosen
  const tag = navigator.languages.find((one) => one.toLowerCase().startsWith(chosen)) ?? chosen
  return { texts, language: tag }
}

/** Put values into the places `{name}` of a text. A place without a value stays, so that a test or a reader sees it. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place))
}
