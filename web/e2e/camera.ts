/** A film for the camera of a test: barcodes on white, in a format that Chromium plays instead of a camera. */

import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer'

const WIDTH = 640
const HEIGHT = 480
const FRAMES = 5
/** Pixels for each module of a symbol, and the least height of a bar. */
const MODULE = 3
const BAR = 90

/** Write a film that shows these codes below each other as Code 128, and return its path. */
export async function film(codes: readonly string[]): Promise<string> {
  const wasm = createRequire(import.meta.url).resolve('zxing-wasm/writer/zxing_writer.wasm')
  prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(readFileSync(wasm)).buffer } })
  const grey = new Uint8Array(WIDTH * HEIGHT).fill(235)
  for (const [index, code] of codes.entries()) {
    const { symbol, error } = await writeBarcode(code, { format: 'Code128' })
    if (error) throw new Error(error)
    const left = Math.floor((WIDTH - symbol.width * MODULE) / 2)
    const top = Math.round((HEIGHT / codes.length) * (index + 0.5) - BAR / 2)
    for (let x = 0; x < symbol.width * MODULE; x++) {
      const dark = (symbol.data[Math.floor(x / MODULE)] ?? 255) < 128
      if (dark) for (let y = top; y < top + BAR; y++) grey[y * WIDTH + left + x] = 16
    }
  }
  const colourless = Buffer.alloc((WIDTH * HEIGHT) / 2, 128)
  const frame = [Buffer.from('FRAME\n'), grey, colourless]
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`)
  const path = join(tmpdir(), `film-${process.pid}.y4m`)
  writeFileSync(path, Buffer.concat([head, ...Array.from({ length: FRAMES }, () => frame).flat()]))
  return path
}

/** Arguments that let Chromium play a film as the camera, and say yes to the page that asks for it. */
export const cameraOf = (path: string): string[] => [
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  `--use-file-for-fake-video-capture=${path}`,
]
