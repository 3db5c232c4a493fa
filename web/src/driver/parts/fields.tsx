import type { ComponentChildren } from 'preact'

/** Choices of which one is taken, each as large as a finger. */
export function Choices<Value extends string>(props: {
  legend: string
  name: string
  values: readonly Value[]
  chosen: Value | null
  choose: (value: Value) => void
  label: (value: Value) => string
}) {
  return (
    <fieldset class="choices">
      <legend>{props.legend}</legend>
      {props.values.map((value) => (
        <label key={value} class="option">
          <input
            type="radio"
            name={props.name}
            checked={value === props.chosen}
            onChange={() => props.choose(value)}
          />
          <span>{props.label(value)}</span>
        </label>
      ))}
    </fieldset>
  )
}

export function TextField(props: {
  label: string
  value: string
  write: (text: string) => void
  most: number
  lines?: number
  hint?: ComponentChildren
}) {
  const { label, value, write, most, lines } = props
  return (
    <label class="field">
      <span>{label}</span>
      {lines ? (
        <textarea rows={lines} maxLength={most} value={value} onInput={(event) => write(event.currentTarget.value)} />
      ) : (
        <input maxLength={most} value={value} onInput={(event) => write(event.currentTarget.value)} />
      )}
      {props.hint}
    </label>
  )
}
