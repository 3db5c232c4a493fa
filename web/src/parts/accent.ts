/** A merchant's colour as the page's accent, made readable on paper in daylight and in the dark. */

const ENOUGH = 4.5 // the contrast that WCAG asks of text
export const PAPER = { light: '#f5f3ee', dark: '#131514' }

type Rgb = [number, number, number]

function rgbOf(hex: string): Rgb {
  const digits = Number.parseInt(hex.slice(1), 16)
  return [(digits >> 16) & 255, (digits >> 8) & 255, digits & 255]
}

function hexOf(rgb: Rgb): string {
  return `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as Rgb
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** The contrast of two colours as WCAG defines it, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(rgbOf(one)), luminance(rgbOf(other))]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

/** The colour, mixed with black or white by the least step that makes it readable on `paper`. */
export function readable(colour: string, paper: string): string {
  const towards: Rgb = luminance(rgbOf(paper)) > 0.5 ? [0, 0, 0] : [255, 255, 255]
  const own = rgbOf(colour)
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = hexOf(own.map((part, i) => part + ((towards[i] ?? 0) - part) * share) as Rgb)
    if (contrast(mixed, paper) >= ENOUGH) return mixed
  }
  return hexOf(towards)
}

/** Make a colour the accent of the page. Null keeps the page's own. */
export function useAccent(colour: string | null | undefined): void {
  const style = document.documentElement.style
  if (!colour) return
  style.setProperty('--brand-light', readable(colour, PAPER.light))
  style.setProperty('--brand-dark', readable(colour, PAPER.dark))
}
