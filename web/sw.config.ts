/** Builds the worker of the driver's app after the pages, because it carries the list of their files. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

interface Chunk {
  file: string
  src?: string
  css?: string[]
  assets?: string[]
  imports?: string[]
  dynamicImports?: string[]
}

const BUILT = new URL('../build/web/', import.meta.url)
const PAGE = 'driver/index.html'
const UNHASHED = ['icon.svg', 'driver.webmanifest', 'driver-192.png', 'driver-512.png', 'driver-badge.png']

const read = (path: string): Buffer => readFileSync(new URL(path, BUILT))
const files = (folder: string): string[] =>
  existsSync(new URL(folder, BUILT)) ? readdirSync(new URL(folder, BUILT)).map((name) => `${folder}${name}`) : []

const manifest = JSON.parse(String(read('.vite/manifest.json'))) as Record<string, Chunk>

/** A chunk with all that it imports; with `all` also what it may import later. */
function gather(key: string, all: boolean, found: Set<string>, seen = new Set<string>()): void {
  const chunk = manifest[key]
  if (!chunk || seen.has(key)) return
  seen.add(key)
  for (const file of [chunk.file, ...(chunk.css ?? []), ...(all ? (chunk.assets ?? []) : [])]) found.add(file)
  for (const next of [...(chunk.imports ?? []), ...(all ? (chunk.dynamicImports ?? []) : [])]) gather(next, all, found, seen)
}

const everything = new Set<string>()
const reached = new Set<string>()
gather(PAGE, true, everything, reached)
const first = new Set<string>()
gather(PAGE, false, first)
// Without its texts the app has nothing to say; which language it will be is not known here.
for (const key of reached) if (key.includes('/texts/')) gather(key, false, first)
first.delete(PAGE)
// Workers and their wasm are named by the scripts that start them, and stand in no list.
const started = files('assets/').filter((file) => /worker|\.wasm$/.test(file))
const scanner = files('scan/')
const later = [...new Set([...everything, ...started, ...scanner, ...UNHASHED])].filter(
  (file) => file !== PAGE && !first.has(file) && existsSync(new URL(file, BUILT)),
)

const version = createHash('sha256').update([...first, ...later].join())
for (const file of [PAGE, ...scanner, ...UNHASHED]) if (existsSync(new URL(file, BUILT))) version.update(read(file))

const paths = (names: Iterable<string>): string => JSON.stringify(Array.from(names, (name) => `/${name}`).toSorted())

export default defineConfig({
  define: {
    VERSION: JSON.stringify(version.digest('hex').slice(0, 12)),
    SHELL: paths(first),
    LATER: paths(later),
  },
  publicDir: false,
  build: {
    outDir: '../build/web',
    emptyOutDir: false,
    target: 'es2022',
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: 'sw/worker.ts',
      output: { format: 'iife', codeSplitting: false, entryFileNames: 'driver-worker.js' },
    },
  },
})
