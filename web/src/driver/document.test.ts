import { expect, it } from 'vitest'
import { ageOn, datesOf } from './document'

const card = (...lines: string[]): string =>
  ['@', '\u001e', 'ANSI 636015090002DL00410277ZT03180008DLDAQ12345678', 'DCSSAMPLE', 'DACJANE', ...lines, ''].join('\n')

it('reads the two dates of a card of the United States', () => {
  expect(datesOf(card('DBD01012020', 'DBB05311990', 'DBA05312030'))).toEqual({
    birthDate: '1990-05-31',
    expiresOn: '2030-05-31',
  })
})

it('reads the dates of a Canadian card, which begin with the year', () => {
  expect(datesOf(card('DBB19900531', 'DBA20300531'))).toEqual({ birthDate: '1990-05-31', expiresOn: '2030-05-31' })
})

it('reads a birth date that is the first element of its subfile, and lines that end with a carriage return', () => {
  expect(datesOf('@\n\u001e\rANSI 636015090002DL00410277DLDBB05311990\rDBA05312030\r')?.birthDate).toBe('1990-05-31')
})

it.each([
  ['another barcode', '00340123450000000018'],
  ['a text that only looks like it', 'DBB05311990'],
  ['no birth date', card('DBA05312030')],
  ['a month that does not exist', card('DBB13451990', 'DBA05312030')],
  ['a day that does not exist', card('DBB02301990', 'DBA05312030')],
  ['a last day that does not exist', card('DBB05311990', 'DBA02302030')],
])('reads nothing from %s', (_, text) => {
  expect(datesOf(text)).toBeNull()
})

it.each([card('DBB05311990', 'DBA99999999'), card('DBB05311990')])('a card may have no end', (text) => {
  expect(datesOf(text)).toEqual({ birthDate: '1990-05-31', expiresOn: null })
})

it('takes no date out of a name or an address', () => {
  expect(datesOf(card('DCSXDBB05311999', 'DBB05311990'))?.birthDate).toBe('1990-05-31')
})

it.each([
  ['2005-11-29', '2026-11-28', 20],
  ['2005-11-29', '2026-11-29', 21],
  ['2004-02-29', '2025-02-28', 20],
  ['2004-02-29', '2025-03-01', 21],
])('born on %s one is on %s %i years old', (born, today, age) => {
  expect(ageOn(born, today)).toBe(age)
})
