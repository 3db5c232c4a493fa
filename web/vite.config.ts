import { defineConfig } from 'vitest/config'

/** Every page is a folder with an index.html; its code is in src/ under the same name. */
const PAGES = ['t', 'driver', 'console']

export default defineConfig({
  // All that Preact needs; a plugin would only add hot reload.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../build/web',
    emptyOutDir: true,
    target: 'es2022',
    manifest: true, // budget.mjs reads it
    assetsInlineLimit: 0, // the content security policy allows no data: scripts or styles
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200, // MapLibre
    rolldownOptions: { input: PAGES.map((page) => `${page}/index.html`) },
  },
  worker: { format: 'es' },
  test: { environment: 'happy-dom', include: ['{src,sw,edge}/**/*.test.{ts,tsx}'] },
})
