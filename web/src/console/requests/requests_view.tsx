import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import * as acting from '../api/acting'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import { shortId, wordFor } from '../shell/words'

type Request = Schemas['CorrectionLine']

/** Drivers' requests for correction of their data, the one that is due first on top. */
export function RequestsView() {
  const { texts } = useDesk()
  const { data, problem, busy, again } = useReading('corrections', reading.corrections)
  return (
    <main class="page">
      <h2>{texts.requests.heading}</h2>
      <p class="soft">{texts.requests.intro}</p>
      {problem && <Refused problem={problem} texts={texts} />}
      {!data && busy && <p role="status">{texts.loading}</p>}
      {data?.corrections.length === 0 && <p class="empty">{texts.requests.none}</p>}
      {data && (
        <ol class="cards">
          {data.corrections.map((request) => (
            <li key={request.correction_id} class="card">
              <OneRequest request={request} decided={again} />
            </li>
          ))}
        </ol>
      )}
    </main>
  )
}

function OneRequest({ request, decided }: { request: Request; decided: () => void }) {
  const { texts, language } = useDesk()
  const [words, write] = useState('')
  const act = useAct<Request>()
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'long' }).format(new Date(request.due_at))
  const decide = async (granted: boolean): Promise<void> => {
    if (!words.trim()) return
    const answer = await act.send(() => acting.decideCorrection(request.correction_id, { granted, words: words.trim() }))
    if (answer && !answer.problem) decided()
  }
  return (
    <form onSubmit={(event) => event.preventDefault()}>
      <p>
        <strong>{request.driver_name ?? `…${shortId(request.driver_id)}`}</strong> {wordFor(texts.requests.fields, request.field)}{' '}
        <span class={request.overdue ? 'bad' : 'soft'}>
          {fill(request.overdue ? texts.requests.overdue : texts.requests.due, { day })}
        </span>
      </p>
      <dl>
        <dt>{texts.requests.wanted}</dt>
        <dd>{request.wanted ?? texts.requests.erased}</dd>
        <dt>{texts.requests.reason}</dt>
        <dd>{request.reason ?? texts.requests.erased}</dd>
      </dl>
      <label class="field">
        {texts.requests.words}
        <textarea required rows={2} maxLength={500} value={words} onInput={({ currentTarget }) => write(currentTarget.value)} />
      </label>
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      <div class="acts">
        <button type="button" class="act main" aria-disabled={act.phase === 'busy'} disabled={!words.trim()} onClick={() => void decide(true)}>
          {texts.requests.grant}
        </button>
        <button type="button" class="act" aria-disabled={act.phase === 'busy'} disabled={!words.trim()} onClick={() => void decide(false)}>
          {texts.requests.refuse}
        </button>
      </div>
    </form>
  )
}
