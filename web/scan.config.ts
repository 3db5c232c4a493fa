/** Builds the barcode reader into build/web/scan: its answer has a policy of its own, by its path. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { defineConfig } from 'vitest/config'

const READER = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')

export default defineConfig({
  publicDir: false,
  build: {
    outDir: '../build/web/scan',
    emptyOutDir: true,
    target: 'es2022',
    lib: { entry: 'scan/worker.ts', name: 'reader', formats: ['iife'], fileName: () => 'worker.js' },
  },
  plugins: [
    {
      name: 'reader-wasm',
      generateBundle() {
        this.emitFile({ type: 'asset', fileName: 'zxing_reader.wasm', source: readFileSync(READER) })
      },
    },
  ],
})
