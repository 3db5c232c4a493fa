import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { type Acting, refusalSaid } from './acting'
import type { Texts } from './texts'
import './act.css'

interface ActProps {
  heading: string
  acting: Acting
  texts: Texts
  /** What was done so far; null if nothing. */
  given: string | null
  /** The fields and the label of the button; null if the customer may do no more than read. */
  form: { fields: ComponentChildren; label: string; submit: () => void } | null
}

/** A card with a form, its button, and a line that says what was done or why it failed. */
export function Act({ heading, acting, texts, given, form }: ActProps) {
  const { phase, code } = acting
  const status = useRef<HTMLParagraphElement>(null)
  const hadForm = useRef(Boolean(form))
  useLayoutEffect(() => {
    // A form that goes takes the focus with it; a keyboard would begin at the top of the page.
    const lost = !document.activeElement || document.activeElement === document.body
    if (hadForm.current && !form && lost) status.current?.focus({ preventScroll: true })
    hadForm.current = Boolean(form)
  }, [Boolean(form)])
  const submit = (event: Event): void => {
    event.preventDefault()
    form?.submit()
  }
  return (
    <section class="card act">
      <h2>{heading}</h2>
      {form && (
        <form onSubmit={submit} aria-busy={phase === 'busy'}>
          {form.fields}
          <button type="submit" class="button" aria-disabled={phase === 'busy'}>
            {phase === 'busy' ? texts.acting.busy : form.label}
          </button>
        </form>
      )}
      <p role="status" ref={status} tabIndex={-1} class={phase === 'failed' ? 'told bad' : 'told'}>
        {phase === 'failed' ? (
          refusalSaid(texts, code)
        ) : phase === 'busy' ? (
          <span class="unseen">{texts.acting.busy}</span>
        ) : (
          given
        )}
      </p>
    </section>
  )
}
