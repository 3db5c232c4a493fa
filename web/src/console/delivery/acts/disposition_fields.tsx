import type { Schemas } from '../../../parts/client'
import { useDesk } from '../../shell/desk'

type Kind = Schemas['DispositionKind']

export interface Disposed {
  kind: Kind | null
  person: string
}

export const NOT_SAID: Disposed = { kind: null, person: '' }

const BACK: readonly Kind[] = ['returned_to_store', 'handed_to', 'destroyed']
const LOST: readonly Kind[] = ['lost', 'handed_to', 'destroyed']
const LONGEST_NAME = 120

export const isSaid = ({ kind, person }: Disposed): boolean =>
  kind !== null && (kind === 'returned_to_store' || kind === 'lost' || person.trim() !== '')

/** What became of goods that were not delivered, and who knows of it. */
export function DispositionFields(props: { said: Disposed; change: (said: Disposed) => void; lost: boolean }) {
  const { texts } = useDesk()
  const { said, change, lost } = props
  return (
    <fieldset>
      <legend>{texts.disposition.legend}</legend>
      {(lost ? LOST : BACK).map((kind) => (
        <label key={kind} class="option">
          <input type="radio" name="disposition" required checked={said.kind === kind} onChange={() => change({ ...said, kind })} />
          {texts.disposition.kind[kind]}
        </label>
      ))}
      {said.kind && said.kind !== 'lost' && (
        <label class="field">
          <span>{texts.disposition.person[said.kind]}</span>
          <input
            maxLength={LONGEST_NAME}
            required={said.kind !== 'returned_to_store'}
            value={said.person}
            onInput={(event) => change({ ...said, person: event.currentTarget.value })}
          />
        </label>
      )}
    </fieldset>
  )
}
