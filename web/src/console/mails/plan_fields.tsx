import { useState } from 'preact/hooks'
import { type Kind, type Plan, addressesIn } from './plans'
import type { Words } from './texts'

interface PlanFieldsProps {
  words: Words
  kind: Kind
  plan: Plan
  change: (plan: Plan) => void
}

/** The fields of one mail; a mail shows only those that it uses. */
export function PlanFields({ words, kind, plan, change }: PlanFieldsProps) {
  const [typed, type] = useState((plan.recipients ?? []).join('\n'))
  return (
    <div class="asking">
      <label class="field">
        <span>
          <input
            type="checkbox"
            checked={plan.enabled}
            onChange={({ currentTarget }) => change({ ...plan, enabled: currentTarget.checked })}
          />{' '}
          {words.enabled}
        </span>
      </label>
      <label class="field">
        {words.recipients}
        <textarea
          rows={3}
          value={typed}
          onInput={({ currentTarget }) => {
            type(currentTarget.value)
            change({ ...plan, recipients: addressesIn(currentTarget.value) })
          }}
        />
      </label>
      <label class="field">
        {words.time}
        <input type="time" required value={plan.time} onInput={({ currentTarget }) => change({ ...plan, time: currentTarget.value })} />
      </label>
      <label class="field">
        {words.time_zone}
        <input
          type="text"
          required
          autocomplete="off"
          value={plan.time_zone}
          onInput={({ currentTarget }) => change({ ...plan, time_zone: currentTarget.value })}
        />
      </label>
      {kind === 'weekly' && (
        <Choice
          label={words.weekday}
          words={words.weekdays}
          value={plan.weekday ?? 'monday'}
          choose={(weekday) => change({ ...plan, weekday })}
        />
      )}
      {kind === 'month' && (
        <label class="field">
          {words.day_of_month}
          <input
            type="number"
            min={1}
            max={28}
            required
            value={plan.day_of_month}
            onInput={({ currentTarget }) => change({ ...plan, day_of_month: Number(currentTarget.value) })}
          />
        </label>
      )}
      {kind === 'exceptions' && (
        <label class="field">
          <span>
            <input
              type="checkbox"
              checked={plan.at_once}
              onChange={({ currentTarget }) => change({ ...plan, at_once: currentTarget.checked })}
            />{' '}
            {words.at_once}
          </span>
        </label>
      )}
      <Choice
        label={words.language}
        words={words.languages}
        value={plan.language ?? 'en'}
        choose={(language) => change({ ...plan, language })}
      />
    </div>
  )
}

interface ChoiceProps<Code extends string> {
  label: string
  words: Record<Code, string>
  value: Code
  choose: (code: Code) => void
}

function Choice<Code extends string>({ label, words, value, choose }: ChoiceProps<Code>) {
  return (
    <label class="field">
      {label}
      <select value={value} onChange={({ currentTarget }) => choose(currentTarget.value as Code)}>
        {(Object.entries(words) as [Code, string][]).map(([code, name]) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
