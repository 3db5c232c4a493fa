/** Dates of an identity document, from the barcode on the back of cards of the United States and Canada. */

/** The two dates that a hand-over needs, as in the API: 1990-05-31. */
export interface DocumentDates {
  birthDate: string
  /** Null if it does not run out. */
  expiresOn: string | null
}

const HEADER = /ANSI \d{6}/
const NEVER = '99999999'

/**
 * The dates in the text of a PDF417 barcode by AAMVA's standard (DL/ID Card Design, annex D), or null if it is another
 * barcode or has no birth date. Nothing else of the text is looked at: DBB is the birth date, DBA the last valid day.
 */
export function datesOf(text: string): DocumentDates | null {
  if (!HEADER.test(text)) return null
  const birthDate = dayOf(element(text, 'DBB'))
  if (!birthDate) return null
  const expires = element(text, 'DBA')
  const expiresOn = dayOf(expires)
  // A last day that can't be read is no document without an end.
  return expires && expires !== NEVER && !expiresOn ? null : { birthDate, expiresOn }
}

/** The value of an element: it begins a line, or follows the mark of its subfile, DL or ID. */
const element = (text: string, id: string): string | undefined =>
  new RegExp(`(?:^|[\\n\\r\\x1e]|DL|ID)${id}(\\d{8})`).exec(text)?.[1]

/** A day that exists, written as month, day and year in the United States, and as year, month and day in Canada. */
function dayOf(written: string | undefined): string | null {
  if (!written) return null
  const american = /^(\d{2})(\d{2})(\d{4})$/.exec(written) ?? []
  const canadian = /^(\d{4})(\d{2})(\d{2})$/.exec(written) ?? []
  return day(american[3], american[1], american[2]) ?? day(canadian[1], canadian[2], canadian[3])
}

function day(year = '', month = '', dayOfMonth = ''): string | null {
  const iso = `${year}-${month}-${dayOfMonth}`
  const read = new Date(`${iso}T00:00:00Z`)
  const exists = !Number.isNaN(read.valueOf()) && read.toISOString().startsWith(iso)
  return exists && Number(year) >= 1850 && Number(year) < 2200 ? iso : null
}

/** Whole years from a birth date to a day; both as 1990-05-31. Born on 29 February, it is 1 March in other years. */
export function ageOn(birthDate: string, today: string): number {
  const [year = 0] = birthDate.split('-').map(Number)
  const [now = 0] = today.split('-').map(Number)
  return now - year - (today.slice(5) < birthDate.slice(5) ? 1 : 0)
}

/** The day by the phone's own calendar. */
export function localDay(moment: number): string {
  const at = new Date(moment)
  const two = (number: number): string => String(number).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}
