import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

interface Answer {
  uri?: string
  statusCode?: number
  body?: { data: string }
}

const source = readFileSync('edge/request.js', 'utf8')
const handler = new Function(`${source}; return handler`)() as (event: { request: { uri: string } }) => Answer
const answered = (uri: string): Answer => handler({ request: { uri } })
const led = (uri: string): string | undefined => answered(uri).uri

it('an address within a page leads to the page', () => {
  expect(['/t/Ab-9_', '/t/', '/t', '/driver/route/7', '/console'].map(led)).toEqual([
    '/t/index.html',
    '/t/index.html',
    '/t/index.html',
    '/driver/index.html',
    '/console/index.html',
  ])
})

it('the address of the site leads to the front page', () => {
  expect(led('/')).toBe('/index.html')
})

it('a file stays a file', () => {
  const files = ['/assets/index-8LGV.js', '/ground/streets.geojson', '/icon.svg', '/driver/sw.js', '/logos/mer_1-ab.png']
  expect(files.map(led)).toEqual(files)
})

it('an address that leads to nothing is answered with 404 and a way on', () => {
  for (const uri of ['/wp-admin', '/wp-admin/', '/x/y.php', '/T/abc']) {
    expect(answered(uri).statusCode).toBe(404)
    expect(answered(uri).body?.data).toContain('href="/"')
  }
})
