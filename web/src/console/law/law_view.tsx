import { useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import type { Law, LawRule } from '../api/types'
import { useDesk } from '../shell/desk'
import { wordFor } from '../shell/words'
import { dayWords, figureWords } from './figures'
import './law.css'

/** The rules of law in force in the zone on a day: figure, jurisdiction, first day, status and source. */
export function LawView() {
  const { texts, zone } = useDesk()
  const [day, setDay] = useState('')
  const [all, showAll] = useState(false)
  const { data, problem, busy } = useReading(`law ${zone.id} ${day}`, () => reading.law(zone.id, day || undefined))
  const rules = data?.rules.filter((rule) => all || rule.holds) ?? []
  return (
    <main class="page law">
      <h2>{texts.law.heading}</h2>
      <p class="soft">{texts.law.hint}</p>
      <div class="asking">
        <label class="field">
          {texts.law.day}
          <input type="date" value={day} onInput={({ currentTarget }) => setDay(currentTarget.value)} />
        </label>
        <label class="option">
          <input type="checkbox" checked={all} onChange={({ currentTarget }) => showAll(currentTarget.checked)} />
          {texts.law.all}
        </label>
      </div>
      {problem && <Refused problem={problem} texts={texts} />}
      <p role="status" class={data ? 'soft' : undefined}>
        {data ? fill(texts.law.count, { count: rules.length, places: placesOf(data) }) : busy ? texts.loading : ''}
      </p>
      {rules.length > 0 && <Table law={data!} rules={rules} />}
    </main>
  )
}

/** "Colorado, Denver"; a county without rules of its own has no name in the tables. */
const placesOf = ({ jurisdictions }: Law): string =>
  jurisdictions.map(({ code, name }) => name ?? code).join(', ') || '–'

function Table({ law, rules }: { law: Law; rules: LawRule[] }) {
  const { texts } = useDesk()
  const names = new Map(law.jurisdictions.map(({ code, name }) => [code, name ?? code]))
  return (
    <table>
      <thead>
        <tr>
          {(['rule', 'figure', 'place', 'days', 'status', 'source'] as const).map((column) => (
            <th key={column} scope="col">
              {texts.law.column[column]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rules.map((rule) => (
          <Row key={`${rule.rule} ${rule.jurisdiction}`} rule={rule} name={names.get(rule.jurisdiction) ?? texts.law.everywhere} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ rule, name }: { rule: LawRule; name: string }) {
  const { texts, language } = useDesk()
  const days = fill(rule.ends ? texts.law.span : texts.law.since, {
    begins: dayWords(rule.begins, language),
    ends: rule.ends ? dayWords(rule.ends, language) : '',
  })
  return (
    <tr class={rule.holds ? undefined : 'weaker'}>
      <th scope="row">
        <code>{rule.rule}</code>
        <span class="soft" lang="en">
          {rule.text}
        </span>
      </th>
      <td data-column={texts.law.column.figure}>
        <strong>{figureWords(rule, texts)}</strong>
        {!rule.holds && <span class="soft">{texts.law.does_not_hold}</span>}
      </td>
      <td data-column={texts.law.column.place}>{name}</td>
      <td data-column={texts.law.column.days}>{days}</td>
      <td data-column={texts.law.column.status}>
        <span class={rule.status === 'published' ? undefined : 'badge'}>{wordFor(texts.law.status, rule.status)}</span>
      </td>
      <td data-column={texts.law.column.source} lang="en">
        {rule.source}
        {rule.note && <span class="soft">{rule.note}</span>}
      </td>
    </tr>
  )
}
