import { useEffect, useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useAct, useReading } from '../acts/use_act'
import { useDesk } from '../shell/desk'
import { type Line, STAGES, type Stage, list } from './acting'
import { Detail } from './detail'
import './applications.css'
import { type ApplicationTexts, loadTexts } from './texts'

interface Page {
  applications: Line[]
  next_after: string | null
}

/** The applications of all zones, by who has to act, and one of them in detail. */
export function ApplicationsView() {
  const { texts } = useDesk()
  const [own, set] = useState<ApplicationTexts | null>(null)
  const [stage, choose] = useState<Stage>('for_staff')
  const [opened, open] = useState<string | null>(null)
  useEffect(() => void loadTexts().then((loaded) => set(loaded.texts)), [])
  if (!own) {
    return (
      <main class="page">
        <p role="status">{texts.loading}</p>
      </main>
    )
  }
  return (
    <main class="page applications">
      <h2>{own.heading}</h2>
      <p class="soft">{own.hint}</p>
      <fieldset class="chips">
        <legend class="unseen">{own.stage}</legend>
        {STAGES.map((one) => (
          <label key={one} class="option">
            <input
              type="radio"
              name="stage"
              checked={stage === one}
              onChange={() => {
                choose(one)
                open(null)
              }}
            />
            {own.stages[one]}
          </label>
        ))}
      </fieldset>
      <List key={stage} stage={stage} own={own} opened={opened} open={open} />
    </main>
  )
}

interface ListProps {
  stage: Stage
  own: ApplicationTexts
  opened: string | null
  open: (id: string | null) => void
}

function List({ stage, own, opened, open }: ListProps) {
  const { texts } = useDesk()
  const [further, setFurther] = useState<Line[]>([])
  const [next, setNext] = useState<string | null | undefined>(undefined)
  const first = useReading(`applications ${stage}`, () => list(stage, null))
  const act = useAct<Page>()
  const lines = [...(first.data?.applications ?? []), ...further]
  const after = next === undefined ? first.data?.next_after : next
  const more = async (): Promise<void> => {
    const answer = await act.send(() => list(stage, after ?? null))
    if (!answer?.data) return
    const page = answer.data
    setFurther((before) => [...before, ...page.applications])
    setNext(page.next_after)
  }
  const changed = (): void => {
    setFurther([])
    setNext(undefined)
    first.again()
  }
  return (
    <>
      {first.problem && <Refused problem={first.problem} texts={texts} />}
      {act.problem && <Refused problem={act.problem} texts={texts} />}
      {!first.data && first.busy && <p role="status">{own.loading}</p>}
      {first.data && lines.length === 0 && <p class="empty">{own.none}</p>}
      <ul class="cards">
        {lines.map((line) => (
          <li key={line.application_id} class="card">
            <Summary line={line} own={own} />
            <button
              type="button"
              class="act"
              aria-expanded={opened === line.application_id}
              onClick={() => open(opened === line.application_id ? null : line.application_id)}
            >
              {opened === line.application_id ? own.close : own.open}
              <span class="unseen"> {line.name ?? own.erased}</span>
            </button>
            {opened === line.application_id && <Detail id={line.application_id} own={own} changed={changed} />}
          </li>
        ))}
      </ul>
      {after && (
        <button type="button" class="act" onClick={() => void more()}>
          {own.more}
        </button>
      )}
    </>
  )
}

function Summary({ line, own }: { line: Line; own: ApplicationTexts }) {
  const { language } = useDesk()
  const day = new Date(line.submitted_at).toLocaleDateString(language, { dateStyle: 'medium' })
  return (
    <>
      <h3>{line.name ?? own.erased}</h3>
      <p class="soft">
        {[fill(own.submitted, { day }), line.zone_id, own.check[line.check]].join(' · ')}
      </p>
      {line.overdue && <p>{own.overdue}</p>}
      {line.shares_phone && <p>{own.shares_phone}</p>}
    </>
  )
}
