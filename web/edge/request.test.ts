import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

interface Request {
  uri: string
}

const source = readFileSync('edge/request.js', 'utf8')
const handler = new Function(`${source}; return handler`)() as (event: { request: Request }) => Request
const led = (uri: string): string => handler({ request: { uri } }).uri

it('an address within a page leads to the page', () => {
  expect(['/t/Ab-9_', '/t/', '/t', '/driver/route/7'].map(led)).toEqual([
    '/t/index.html',
    '/t/index.html',
    '/t/index.html',
    '/driver/index.html',
  ])
})

it('a file stays a file', () => {
  const files = ['/assets/index-8LGV.js', '/ground/streets.geojson', '/icon.svg', '/']
  expect(files.map(led)).toEqual(files)
})
