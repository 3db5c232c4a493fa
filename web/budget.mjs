// Fails if the first load of a page is heavier than its budget: `npm run budget`.
// The first load is the HTML with the scripts and styles that it imports statically, and the largest file of texts,
// because one of them is always fetched. Sizes are those of gzip -9.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BUILT = new URL('../build/web/', import.meta.url)
const BUDGETS_KB = { t: 40, driver: 90, console: 120 }

const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', BUILT), 'utf8'))
const size = (file) => gzipSync(readFileSync(new URL(file, BUILT)), { level: 9 }).length

function firstLoad(page) {
  const files = new Set([page])
  const take = (key) => {
    const chunk = manifest[key]
    if (files.has(chunk.file)) return
    files.add(chunk.file)
    chunk.css?.forEach((file) => files.add(file))
    chunk.imports?.forEach(take)
  }
  take(page)
  return [...files]
}

function largestTexts(page) {
  const texts = Object.entries(manifest).filter(([source]) => source.startsWith(`src/${page}/texts/`))
  return texts.map(([, chunk]) => chunk.file).toSorted((a, b) => size(b) - size(a)).slice(0, 1)
}

let failed = false
for (const [page, budget] of Object.entries(BUDGETS_KB)) {
  const files = [...firstLoad(`${page}/index.html`), ...largestTexts(page)]
  const total = files.reduce((sum, file) => sum + size(file), 0)
  for (const file of files) console.log(`${String(size(file)).padStart(8)}  ${file}`)
  console.log(`${String(total).padStart(8)}  of ${budget} kB for ${page}/`)
  failed ||= total > budget * 1000
}
process.exit(failed ? 1 : 0)
