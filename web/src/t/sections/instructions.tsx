import { useState } from 'preact/hooks'
import { api } from '../../parts/client'
import { Act } from '../act'
import { LONGEST_REQUEST_MS, LONGEST_TEXT, useActing } from '../acting'
import type { SectionProps } from '../section'

/** Instructions for the driver at the door, until the pickup. The API does not send them back. */
export function Instructions({ view, token, acted, texts }: SectionProps) {
  const acting = useActing(acted)
  const [text, write] = useState('')
  const said = text.trim()
  if (!view.may.instruct && (!said || acting.phase === 'done')) return null

  const submit = (): void => {
    if (!said) return
    void acting.send(() =>
      api.PUT('/v1/track/{token}/instructions', {
        params: { path: { token } },
        body: { text: said },
        signal: AbortSignal.timeout(LONGEST_REQUEST_MS),
      }),
    )
  }
  const fields = (
    <label class="field">
      {texts.instructions.label}
      <textarea
        rows={3}
        maxLength={LONGEST_TEXT}
        required
        value={text}
        onInput={(event) => {
          write(event.currentTarget.value)
          acting.forget()
        }}
      />
    </label>
  )
  const late = view.may.instruct ? null : texts.instructions.late
  return (
    <Act
      heading={texts.instructions.heading}
      acting={acting}
      texts={texts}
      given={acting.phase === 'done' ? texts.instructions.given : late}
      form={view.may.instruct ? { fields, label: texts.instructions.send, submit } : null}
    />
  )
}
