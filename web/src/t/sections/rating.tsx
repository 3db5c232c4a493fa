import { useState } from 'preact/hooks'
import { api } from '../../parts/client'
import { fill } from '../../parts/texts'
import { Act } from '../act'
import { LONGEST_REQUEST_MS, LONGEST_TEXT, useActing } from '../acting'
import type { SectionProps } from '../section'
import type { Texts } from '../texts'

const STARS = [1, 2, 3, 4, 5]

const written = (stars: number, texts: Texts): string =>
  stars === 1 ? texts.rating.one : fill(texts.rating.many, { stars })

/** One to five stars with a comment. The customer may change them as long as the API takes ratings. */
export function Rating({ view, token, acted, texts }: SectionProps) {
  const acting = useActing(acted)
  const [chosen, choose] = useState<number | null>(null)
  const [comment, write] = useState('')
  const { may, stars: given } = view
  if (!may.rate && !given) return null

  const stars = chosen ?? given ?? 0
  const submit = (): void => {
    const said = comment.trim()
    void acting.send(() =>
      api.POST('/v1/track/{token}/rating', {
        params: { path: { token } },
        body: said ? { stars, comment: said } : { stars },
        signal: AbortSignal.timeout(LONGEST_REQUEST_MS),
      }),
    )
  }
  const fields = (
    <>
      <fieldset class="stars">
        <legend>{texts.rating.legend}</legend>
        {STARS.map((count) => (
          <label key={count} class={count <= stars ? 'star lit' : 'star'}>
            <input
              type="radio"
              name="stars"
              class="unseen"
              required
              checked={count === stars}
              onChange={() => {
                choose(count)
                acting.forget()
              }}
            />
            <span aria-hidden="true">{count <= stars ? '★' : '☆'}</span>
            <span class="unseen">{written(count, texts)}</span>
          </label>
        ))}
      </fieldset>
      <label class="field">
        {texts.rating.comment}
        <textarea
          rows={2}
          maxLength={LONGEST_TEXT}
          value={comment}
          onInput={(event) => {
            write(event.currentTarget.value)
            acting.forget()
          }}
        />
      </label>
      {given && <p class="soft">{texts.rating.replaces}</p>}
    </>
  )
  return (
    <Act
      heading={texts.rating.heading}
      acting={acting}
      texts={texts}
      given={given ? fill(texts.rating.given, { stars: written(given, texts) }) : null}
      form={may.rate ? { fields, label: given ? texts.rating.change : texts.rating.send, submit } : null}
    />
  )
}
