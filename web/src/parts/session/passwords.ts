/** The rules of a new password, as the API has them. */

const SYMBOLS = /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`+= -]/

/** True for each rule that a password meets, by the rule's name in the texts. */
export function rulesOf(password: string): Record<'length' | 'lower' | 'upper' | 'digit' | 'symbol', boolean> {
  return {
    length: [...password].length >= 12 && password === password.trim(),
    lower: /[a-z]/.test(password),
    upper: /[A-Z]/.test(password),
    digit: /[0-9]/.test(password),
    symbol: SYMBOLS.test(password),
  }
}

export function isStrong(password: string): boolean {
  return Object.values(rulesOf(password)).every(Boolean)
}
