import { render } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, expect, it } from 'vitest'
import { type Answer, answered } from '../api/answers'
import { type Act, useAct, usePreview } from './use_act'

const place = document.createElement('div')
afterEach(() => render(null, place))

function mount(use: () => Act<string> = useAct): { current: Act<string> } {
  const held = {} as { current: Act<string> }
  function Probe() {
    held.current = use()
    return null
  }
  void act(() => render(<Probe />, place))
  return held
}

it('a second press while a request is under way sends nothing', async () => {
  const held = mount()
  let answer: (given: Answer<string>) => void = () => {}
  let sent = 0
  const request = (): Promise<Answer<string>> => {
    sent++
    return new Promise((resolve) => (answer = resolve))
  }
  await act(async () => void held.current.send(request))
  expect(held.current.phase).toBe('busy')
  await act(async () => expect(await held.current.send(request)).toBeNull())
  await act(async () => answer({ data: 'done', problem: null }))
  expect([held.current.phase, held.current.data, sent]).toEqual(['done', 'done', 1])
})

it('of two previews the newer counts, whichever answer comes first', async () => {
  for (const first of ['older', 'newer']) {
    const held = mount(usePreview)
    const answers: ((given: Answer<string>) => void)[] = []
    const request = (): Promise<Answer<string>> => new Promise((resolve) => answers.push(resolve))
    await act(async () => void held.current.send(request))
    await act(async () => void held.current.send(request))
    const give = { older: () => answers[0]!({ data: 'older', problem: null }), newer: () => answers[1]!({ data: 'newer', problem: null }) }
    await act(async () => give[first as 'older' | 'newer']())
    await act(async () => give[first === 'older' ? 'newer' : 'older']())
    expect([held.current.phase, held.current.data]).toEqual(['done', 'newer'])
    render(null, place)
  }
})

it('an answer to a preview that was forgotten is dropped', async () => {
  const held = mount(usePreview)
  let answer: (given: Answer<string>) => void = () => {}
  await act(async () => void held.current.send(() => new Promise((resolve) => (answer = resolve))))
  await act(() => held.current.forget())
  await act(async () => answer({ data: 'late', problem: null }))
  expect([held.current.phase, held.current.data]).toEqual(['idle', null])
})

it('a refusal is kept until it is forgotten', async () => {
  const held = mount()
  const problem = { status: 409, code: 'taken', detail: 'It is taken.', errors: [], retryAfterS: null }
  await act(async () => void (await held.current.send(async () => ({ data: null, problem }))))
  expect([held.current.phase, held.current.problem?.code]).toEqual(['failed', 'taken'])
  await act(() => held.current.forget())
  expect(held.current.phase).toBe('idle')
})

it('a call that does not arrive is a problem with the status 0', async () => {
  expect((await answered(Promise.reject(new TypeError('no network')))).problem?.status).toBe(0)
})

it('a problem has its detail and each wrong field; an answer that is no problem has none', async () => {
  const error = { code: 'invalid', detail: 'Two fields are wrong.', errors: [{ pointer: '/a', detail: 'Too long.' }, {}] }
  const refused = await answered(Promise.resolve({ error, response: new Response(null, { status: 422 }) }))
  expect(refused.problem).toMatchObject({ status: 422, code: 'invalid', errors: [{ pointer: '/a', detail: 'Too long.' }] })
  const html = await answered(Promise.resolve({ error: '<html>', response: new Response(null, { status: 502 }) }))
  expect(html.problem).toMatchObject({ status: 502, detail: null, errors: [] })
})
