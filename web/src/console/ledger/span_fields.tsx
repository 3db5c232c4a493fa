import type { Days } from './ledger_view'
import type { Words } from './texts'

interface Props {
  words: Words
  days: Days
  span: (days: Days) => void
}

/** Fields for the first and the last day. */
export function SpanFields({ words, days, span }: Props) {
  return (
    <>
      {(['first', 'last'] as const).map((end) => (
        <label key={end} class="field">
          {words.balance[end]}
          <input
            type="date"
            required
            value={days[end]}
            onInput={({ currentTarget }) => span({ ...days, [end]: currentTarget.value })}
          />
        </label>
      ))}
    </>
  )
}
