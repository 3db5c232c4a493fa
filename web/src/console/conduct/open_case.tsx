import { useRef, useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { Done } from '../acts/done'
import { Refused } from '../acts/refused'
import { useAct } from '../acts/use_act'
import * as acting from '../api/acting'
import { useDesk } from '../shell/desk'
import { Area } from './case_card'
import { evidenceOf } from './evidence'
import type { Words } from './texts'

type Ground = Schemas['ConductGround']

/** The form by which a case is opened; it stays after a lost answer, and its id makes a second try the same case. */
export function OpenCase({ driverId, words, opened }: { driverId: string | null; words: Words; opened: () => void }) {
  const { texts } = useDesk()
  const act = useAct<Schemas['CaseView']>()
  const request = useRef(crypto.randomUUID())
  const [driver, name] = useState(driverId ?? '')
  const [ground, choose] = useState<Ground | ''>('')
  const [lines, list] = useState('')
  const [note, write] = useState('')
  const evidence = evidenceOf(lines)
  const whole = driver.trim() && ground && evidence.length > 0 && note.trim()
  const send = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (!ground) return
    const body = { request_id: request.current, ground, evidence, note: note.trim() }
    const answer = await act.send(() => acting.openCase(driver.trim(), body))
    if (!answer?.data) return
    request.current = crypto.randomUUID()
    list('')
    write('')
    opened()
  }
  return (
    <details open={driverId !== null}>
      <summary>{words.open}</summary>
      <form class="form" onSubmit={(event) => void send(event)}>
        <label class="field">
          {words.driver}
          <input required value={driver} spellcheck={false} onInput={({ currentTarget }) => name(currentTarget.value)} />
        </label>
        <label class="field">
          {words.choose_ground}
          <select value={ground} required onChange={({ currentTarget }) => choose(currentTarget.value as Ground | '')}>
            <option value="">{words.choose}</option>
            {Object.entries(words.ground).map(([code, said]) => (
              <option key={code} value={code}>
                {said}
              </option>
            ))}
          </select>
        </label>
        <Area label={words.evidence_ids} value={lines} write={list} longest={6000} />
        <Area label={words.note} value={note} write={write} />
        {act.problem && <Refused problem={act.problem} texts={texts} />}
        {act.phase === 'done' && <Done>{words.opened_done}</Done>}
        <button type="submit" class="act main" aria-disabled={act.phase === 'busy'} disabled={!whole}>
          {words.send}
        </button>
      </form>
    </details>
  )
}
