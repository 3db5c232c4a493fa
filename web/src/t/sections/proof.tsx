import { useState } from 'preact/hooks'
import type { Schemas } from '../../parts/client'
import type { SectionProps } from '../section'
import type { Texts } from '../texts'
import './messages.css'

const nameOf = (kind: Schemas['ImageKind'], { proof }: Texts): string =>
  kind === 'signature' ? proof.signature : proof.photo

/** The pictures of the hand-over. */
export function Proof({ view, texts }: SectionProps) {
  const pictures = view.proof ?? []
  if (!pictures.length) return null
  return (
    <section class="card">
      <h2>{texts.proof.heading}</h2>
      <div class="pictures">
        {pictures.map(({ kind, url }) => (
          <Picture key={kind} url={url} name={nameOf(kind, texts)} failed={texts.proof.failed} />
        ))}
      </div>
    </section>
  )
}

function Picture({ url, name, failed }: { url: string; name: string; failed: string }) {
  const [broken, setBroken] = useState(false)
  return (
    <figure>
      {!broken && <img src={url} alt={name} loading="lazy" decoding="async" onError={() => setBroken(true)} />}
      <figcaption class="soft">{broken ? `${name}: ${failed}` : name}</figcaption>
    </figure>
  )
}
