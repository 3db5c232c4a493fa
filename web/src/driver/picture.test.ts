import { describe, expect, it } from 'vitest'
import { LONGEST_SIDE, hashed, tries, within } from './picture'

describe('a picture', () => {
  it('keeps its shape when it is made smaller, and is never made larger', () => {
    expect(within({ width: 4000, height: 3000 }, 1600)).toEqual({ width: 1600, height: 1200 })
    expect(within({ width: 3000, height: 4000 }, 1600)).toEqual({ width: 1200, height: 1600 })
    expect(within({ width: 300, height: 200 }, 1600)).toEqual({ width: 300, height: 200 })
    expect(within({ width: 9000, height: 1 }, 1600)).toEqual({ width: 1600, height: 1 })
  })

  it('loses quality first and size after that, and each try is smaller than the one before', () => {
    const all = [...tries({ width: 4000, height: 3000 })]
    expect(all[0]).toEqual({ width: LONGEST_SIDE, height: 1200, quality: 0.8 })
    const weights = all.map(({ width, height, quality }) => width * height * quality)
    expect(weights).toEqual(weights.toSorted((a, b) => b - a))
    expect(all.at(-1)!.width).toBeLessThan(600)
  })

  it('is tried at least once, however small it is', () => {
    expect([...tries({ width: 8, height: 8 })].length).toBeGreaterThan(0)
  })

  it('is hashed over the bytes that travel', async () => {
    const { sha256 } = await hashed(new Blob(['abc']))
    expect(sha256).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})
