import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import { useDesk } from '../shell/desk'
import { shortId } from '../shell/words'
import type { Words } from './texts'

/** The form for a list of the agency, and what became of each payee on it. */
export function Notices({ words }: { words: Words }) {
  const { texts } = useDesk()
  const act = useAct<Schemas['NoticeResults']>()
  const all = words.notices
  const send = async (form: HTMLFormElement): Promise<void> => {
    const given = new FormData(form)
    await act.send(() =>
      acting.changeNotices({
        action: 'list',
        dated_on: String(given.get('dated')),
        received_on: String(given.get('received')),
        payees: [],
        csv: String(given.get('csv')),
      }),
    )
  }
  return (
    <section aria-labelledby="tax-notices-heading">
      <h2 id="tax-notices-heading">{all.heading}</h2>
      <p class="soft">{all.hint}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void send(event.currentTarget)
        }}
      >
        <label class="field">
          {all.dated}
          <input name="dated" type="date" required />
        </label>
        <label class="field">
          {all.received}
          <input name="received" type="date" required />
        </label>
        <label class="field">
          {all.csv}
          <textarea name="csv" rows={4} required placeholder="driver_id,last_four" />
        </label>
        {act.problem && <Refused problem={act.problem} texts={texts} />}
        <div class="acts">
          <button type="submit" class="act main" aria-disabled={act.phase === 'busy'}>
            {all.send}
          </button>
        </div>
      </form>
      <ul role="status">
        {act.data?.results.map(({ driver_id: id, outcome, detail }) => (
          <li key={id}>
            {fill(all.result, { driver: `…${shortId(id)}`, outcome: all.outcome[outcome] })}
            {detail && ` (${detail})`}
          </li>
        ))}
      </ul>
    </section>
  )
}
