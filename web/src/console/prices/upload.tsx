import { useRef, useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import { Field } from '../extra/fields'
import { useDesk } from '../shell/desk'
import type { Table } from './compare'
import type { Words } from './texts'

type Input = Schemas['TableInput']

/** The form of a new table; what is wrong with its file is told row by row. */
export function Upload({ words, made }: { words: Words; made: () => void }) {
  const { texts, zone } = useDesk()
  const act = useAct<Table>()
  const request = useRef(crypto.randomUUID())
  const [given, set] = useState({ name: '', merchant: '', starts: '', ends: '', surge: '' })
  const [csv, read] = useState('')
  const [noJson, say] = useState(false)
  const currency = zone.settings.rates?.currency ?? 'USD'
  const change = (name: keyof typeof given) => (value: string) => set((before) => ({ ...before, [name]: value }))
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    const surge = rulesIn(given.surge)
    say(surge === undefined)
    if (surge === undefined) return
    const body: Input = {
      request_id: request.current,
      name: given.name,
      currency,
      zone_ids: given.merchant ? [] : [zone.id],
      merchant_id: given.merchant || null,
      starts_on: given.starts,
      ends_on: given.ends || null,
      csv,
      surge,
    }
    const answer = await act.send(() => acting.uploadTable(body))
    if (!answer?.data) return
    request.current = crypto.randomUUID()
    made()
  }
  return (
    <form onSubmit={(event) => void submit(event)} aria-labelledby="upload-heading">
      <h3 id="upload-heading">{words.upload.heading}</h3>
      <Field label={words.upload.name} longest={80} value={given.name} set={change('name')} />
      <p>
        {words.upload.currency}: {currency}
      </p>
      <label class="field">
        {words.upload.merchant}
        <input value={given.merchant} placeholder="mer_…" onInput={({ currentTarget }) => change('merchant')(currentTarget.value)} />
      </label>
      <Field label={words.upload.starts_on} type="date" value={given.starts} set={change('starts')} />
      <label class="field">
        {words.upload.ends_on}
        <input type="date" value={given.ends} onInput={({ currentTarget }) => change('ends')(currentTarget.value)} />
      </label>
      <label class="field">
        {words.upload.file}
        <input
          type="file"
          accept=".csv,text/csv"
          required
          onChange={({ currentTarget }) => void currentTarget.files?.[0]?.text().then(read)}
        />
      </label>
      <p class="soft">{words.upload.columns}</p>
      <label class="field">
        {words.upload.surge}
        <textarea rows={4} value={given.surge} onInput={({ currentTarget }) => change('surge')(currentTarget.value)} />
      </label>
      {noJson && <p role="alert">{words.upload.no_json}</p>}
      <p class="acts">
        <button type="submit" class="act main" aria-disabled={act.phase === 'busy'}>
          {words.upload.send}
        </button>
      </p>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {act.phase === 'done' && <Done>{words.upload.made}</Done>}
    </form>
  )
}

/** The rules of surge in a text: null for none, undefined if it is no JSON. */
function rulesIn(text: string): Input['surge'] | undefined {
  if (!text.trim()) return null
  try {
    return JSON.parse(text) as Input['surge']
  } catch {
    return undefined
  }
}
